import { MediaError } from '@medley/domain/media-error';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import { ChangeKind } from '@medley/proto/metadata/moderation';
import type { Gateway } from '../../gateway.ts';
import { oneOf, parseWhole } from '../../usecases/selection/parse-selection.ts';
import { isVisibleTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from './answer.ts';
import { isDescending, parsePage } from './parse-page.ts';
import { changeToJson } from './to-json.ts';

const KINDS: Readonly<Record<string, ChangeKind>> = Object.fromEntries(
  Object.entries(ChangeKind).filter(([, kind]) => kind !== ChangeKind.UNSPECIFIED).map(([word, kind]) => [word.toLowerCase(), kind]),
);

/** `GET /_medley/v1/audit`: what has happened to media, who did it, why, and when. */
export async function getAudit(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { query, signal, tenant } = exchange;
  const { limit, after } = parsePage(query);
  const request = {
    limit,
    after: after === undefined ? undefined : parseWhole('from', after),
    kinds: query.getAll('kind').map((word) => oneOf('kind', KINDS, word)),
    mediaOnly: false,
    key: parseMedia(query.get('media')),
    descending: isDescending(query),
  };
  const { changes, position } = await gateway.services.metadata.listChanges(request, { signal });
  // a ban is everybody's, but what is lost or found in a tenant's own store is that tenant's
  const visible = changes.filter(({ subject, store }) => isVisibleTo(gateway, tenant, subject?.$case === 'key' ? subject.value : { origin: store }));
  const next = changes.length === limit ? String(changes.at(-1)?.sequence) : undefined;
  answer(exchange, { changes: visible.map(changeToJson), next, position });
}

function parseMedia(text: string | null): MxcUri | undefined {
  if (text === null) return undefined;
  const [, origin, mediaId] = /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (origin === undefined || mediaId === undefined) throw new MediaError('INVALID_PARAM', 'media must be an mxc:// URI');
  return parseMxcParts(origin, mediaId);
}
