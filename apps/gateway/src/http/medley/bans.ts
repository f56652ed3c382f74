import { parseDigest } from '@medley/domain/digest';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { isVisibleTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { requirePart } from '../parse/path.ts';
import { answer } from './answer.ts';
import { parseVisibleKey } from './parse-key.ts';
import { parsePage, parseReason } from './parse-page.ts';
import { readOrder } from './read-order.ts';
import { banToJson } from './to-json.ts';

/** A digest with many copies is worked off while its caller waits. */
const TIMEOUT_MS = 60_000;

/** `GET /_medley/v1/bans`: all that is quarantined now, by media or by bytes, whether or not there is any record of it. */
export async function listBans(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { query, signal, tenant } = exchange;
  const { bans, next } = await gateway.services.metadata.listBans(parsePage(query), { signal });
  const visible = bans.filter(({ subject }) => subject?.$case !== 'key' || isVisibleTo(gateway, tenant, subject.value));
  answer(exchange, { bans: visible.map(banToJson), next });
}

/** `PUT /_medley/v1/bans/{digest}`: hides all media with these bytes, now and later. */
export function banDigest(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  return set(exchange, gateway, true, { keys: [], digests: [parseDigest(requirePart(exchange.params, 'digest'))] });
}

/** `DELETE` of the same: ends that. */
export function liftDigestBan(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  return set(exchange, gateway, false, { keys: [], digests: [parseDigest(requirePart(exchange.params, 'digest'))] });
}

/** `PUT /_medley/v1/bans/{serverName}/{mediaId}`: hides a media, also one that was never seen. */
export function banMedia(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  return set(exchange, gateway, true, { keys: [parseVisibleKey(exchange, gateway)], digests: [] });
}

/** `DELETE` of the same: ends that. */
export function liftMediaBan(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  return set(exchange, gateway, false, { keys: [parseVisibleKey(exchange, gateway)], digests: [] });
}

async function set(exchange: AuthenticatedExchange, gateway: Gateway, quarantined: boolean, subjects: { keys: MediaKey[]; digests: string[] }): Promise<void> {
  const { query, requester, signal } = exchange;
  const reason = parseReason(quarantined ? (await readOrder(exchange, gateway, ['reason']))['reason'] : query.get('reason'));
  const request = { ...subjects, quarantined, by: requester.userId, reason };
  const { affectedCount } = await gateway.services.metadata.setQuarantine(request, { signal, timeoutMs: TIMEOUT_MS });
  answer(exchange, { affected: affectedCount });
}
