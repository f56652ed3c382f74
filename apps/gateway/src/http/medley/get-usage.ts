import { UsageGroup } from '@medley/proto/metadata/catalog';
import { MediaKind } from '@medley/proto/metadata/media';
import { MediaError } from '@medley/domain/media-error';
import type { Gateway } from '../../gateway.ts';
import { oneOf, parseSelection } from '../../usecases/selection/parse-selection.ts';
import { limitTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from './answer.ts';
import { parsePage } from './parse-page.ts';

const GROUPS = {
  user: UsageGroup.USER,
  origin: UsageGroup.ORIGIN,
  type: UsageGroup.CONTENT_TYPE,
  kind: UsageGroup.KIND,
  // A tenant is the origin of what is local.
  tenant: UsageGroup.ORIGIN,
} as const;

/** It reads all media that the filter lets through. */
const TIMEOUT_MS = 60_000;

/** `GET /_medley/v1/usage`: how much media there is, and whose; of what a filter lets through, without images of previews unless it names them. */
export async function getUsage(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { query, signal, tenant } = exchange;
  const by = query.get('by') ?? undefined;
  const group = by === undefined ? undefined : oneOf('by', GROUPS, by);
  const { filter, roomId } = parseSelection((name) => query.getAll(name));
  if (roomId !== undefined) throw new MediaError('INVALID_PARAM', 'Usage is not known by room');
  const kinds = filter.kinds.length > 0 ? filter.kinds : [MediaKind.LOCAL, MediaKind.REMOTE];
  const asked = { ...filter, kinds, ...(by === 'tenant' && { kinds: [MediaKind.LOCAL], origins: [tenant.serverName] }) };
  const request = { filter: limitTo(gateway, tenant, asked), group, limit: parsePage(query).limit };
  const { mediaCount, mediaBytes, rows } = await gateway.services.metadata.getUsage(request, { signal, timeoutMs: TIMEOUT_MS });
  answer(exchange, { media_count: mediaCount, media_bytes: mediaBytes, rows: rows.map((row) => ({ name: row.name, media_count: row.mediaCount, media_bytes: row.mediaBytes })) });
}
