import type { MediaRecord } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { countSelected, findRecords } from '../../usecases/selection/list-selected.ts';
import { parseSelection } from '../../usecases/selection/parse-selection.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from './answer.ts';
import { noSuchMedia, parseVisibleKey } from './parse-key.ts';
import { recordToJson, useToJson, verdictToJson } from './to-json.ts';

/** Of one media; who wants all of them asks for the rooms. */
const MAX_USES = 100;

/** `GET /_medley/v1/media/{serverName}/{mediaId}`: all that is known of one media. */
export async function getMedia(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { signal } = exchange;
  const uri = parseVisibleKey(exchange, gateway);
  const record = await requireMedia(gateway, uri, signal);
  const { uses } = await gateway.services.metadata.listMediaUses({ keys: [uri], kinds: [], limitEach: MAX_USES }, { signal });
  const verdict = record.content && (await gateway.services.metadata.getVerdict({ digest: record.content.digest }, { signal })).verdict;
  answer(exchange, {
    media: recordToJson(record), twin_count: await countTwins(gateway, exchange, record), verdict: verdict === undefined ? null : verdictToJson(verdict), uses: uses.map(useToJson),
  });
}

/** The record as it is now. Throws NOT_FOUND. */
export async function requireMedia(gateway: Gateway, uri: { readonly origin: string; readonly mediaId: string }, signal: AbortSignal): Promise<MediaRecord> {
  const [record] = await findRecords(gateway, [uri], signal);
  if (record === undefined) throw noSuchMedia();
  return record;
}

/** How many other media have the same bytes. */
async function countTwins(gateway: Gateway, { tenant, signal }: AuthenticatedExchange, { content }: MediaRecord): Promise<number> {
  if (content === undefined) return 0;
  const selection = parseSelection((name) => (name === 'digest' ? [content.digest] : []));
  return Math.max(0, (await countSelected(gateway, { tenant, selection }, signal)) - 1);
}
