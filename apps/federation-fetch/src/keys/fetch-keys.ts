import type { FederationConfig } from '@medley/config/federation';
import { MediaError } from '@medley/domain/media-error';
import { parseServerName, type ServerName } from '@medley/domain/server-name';
import { parsePublicKey } from '@medley/matrix/public-key';
import type { JsonObject } from '@medley/matrix/sign-json';
import { whyFailed } from '@medley/safe-fetch/fetch-failure';
import type { SafeFetch } from '@medley/safe-fetch/safe-fetch';
import { TimeLimit } from '@medley/streams/abort';
import { collectBytes } from '@medley/streams/byte-stream';
import { askServer, type ServerRequest } from '../discovery/ask-server.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { Route } from '../discovery/route.ts';
import { parseObject, toObject } from '../parse-object.ts';
import { checkServerKeys, isSignedByOne, keysRefused, type CheckedKeys, type PublicKeys } from './check-server-keys.ts';

export type NotaryConfig = FederationConfig['notaries'][number];

const MAX_BYTES = 64 * 1024;
const DEADLINE_MS = 10_000;
/** Objects that one notary may answer with. */
const MAX_ANSWERS = 16;

export interface KeyFetcherOptions {
  readonly fetch: Pick<SafeFetch, 'get'>;
  readonly discovery: Pick<Discovery, 'resolve' | 'locate'>;
  readonly notaries: readonly NotaryConfig[];
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Asks for the keys of servers. */
export class KeyFetcher {
  readonly #options: KeyFetcherOptions;

  constructor(options: KeyFetcherOptions) {
    this.#options = options;
  }

  /** The keys of a server by itself, or by the first notary that knows them; each has ten seconds. Throws FORBIDDEN or FETCH_FAILED. */
  async fetch(server: ServerName, keyIds: readonly string[]): Promise<CheckedKeys> {
    const reasons: string[] = [];
    const byNotaries = this.#options.notaries.map((notary) => (signal: AbortSignal) => this.#byNotary(notary, server, keyIds, signal));
    for (const way of [(signal: AbortSignal) => this.#direct(server, signal), ...byNotaries]) {
      using limit = new TimeLimit(DEADLINE_MS);
      try {
        return await way(limit.signal);
      } catch (error) {
        if (!limit.hasPassed && !(error instanceof MediaError && error.reason !== 'FORBIDDEN')) throw error;
        reasons.push(limit.hasPassed ? 'it took too long' : whyFailed(error));
      }
    }
    throw keysRefused(reasons.join('; '));
  }

  /** Asks by routes that are known. Throws FETCH_FAILED. */
  async ask(server: ServerName, routes: readonly Route[], signal: AbortSignal): Promise<CheckedKeys> {
    const answer = await this.#json(routes, { uri: '/_matrix/key/v2/server', maxBytes: MAX_BYTES, deadlineMs: DEADLINE_MS }, signal);
    return checkServerKeys(answer, server, this.#options.now());
  }

  async #direct(server: ServerName, signal: AbortSignal): Promise<CheckedKeys> {
    return this.ask(server, await this.#options.discovery.resolve(server, signal), signal);
  }

  /** What a notary says is believed if it, and the server itself, have signed it (server-server API, “Querying Keys Through Another Server”). */
  async #byNotary(notary: NotaryConfig, server: ServerName, keyIds: readonly string[], signal: AbortSignal): Promise<CheckedKeys> {
    const { discovery, now } = this.#options;
    const minimum = { minimum_valid_until_ts: now() };
    const json = JSON.stringify({ server_keys: { [server]: Object.fromEntries(keyIds.map((keyId) => [keyId, minimum])) } });
    const routes = await discovery.locate(parseServerName(notary.server_name), signal);
    const answer = await this.#json(routes, { uri: '/_matrix/key/v2/query', maxBytes: MAX_BYTES, deadlineMs: DEADLINE_MS, json }, signal);
    const [latest] = readAnswers(answer)
      .filter((one) => isSignedByOne(one, notary.server_name, keysOf(notary)))
      .flatMap((one) => checked(one, server, now()))
      .toSorted((left, right) => right.validUntil - left.validUntil);
    if (latest === undefined) throw keysRefused(`${notary.server_name} knows none`);
    return latest;
  }

  async #json(routes: readonly Route[], request: ServerRequest, signal: AbortSignal): Promise<JsonObject> {
    const { status, body } = await askServer(this.#options.fetch, routes, { maxRedirects: 0, ...request }, signal);
    const object = status === 200 ? parseObject(await collectBytes(body, MAX_BYTES)) : undefined;
    body.destroy();
    if (object === undefined) throw keysRefused(status === 200 ? 'the answer is no JSON object' : `it answers ${status}`);
    return object;
  }
}

function readAnswers(answer: JsonObject): readonly JsonObject[] {
  const { server_keys: all } = answer;
  if (!Array.isArray(all)) throw keysRefused('the notary gives no list of keys');
  return all.slice(0, MAX_ANSWERS).map(toObject).filter((one) => one !== undefined);
}

function keysOf({ keys }: NotaryConfig): PublicKeys {
  return new Map(Object.entries(keys).flatMap(([keyId, text]) => {
    const key = parsePublicKey(text);
    return key === undefined ? [] : [[keyId, key] as const];
  }));
}

/** A notary may answer with more than it was asked for, and with what is worth nothing. */
function checked(answer: JsonObject, server: ServerName, now: number): readonly CheckedKeys[] {
  try {
    return [checkServerKeys(answer, server, now)];
  } catch (error) {
    if (error instanceof MediaError) return [];
    throw error;
  }
}
