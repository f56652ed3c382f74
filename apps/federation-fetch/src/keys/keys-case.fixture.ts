import { parseServerName } from '@medley/domain/server-name';
import { signJson } from '@medley/matrix/sign-json';
import { parseSigningKeys, type SigningKey } from '@medley/matrix/signing-key';
import { httpAnswer, type WebScript } from '@medley/safe-fetch/web-server.fixture';
import { SITE } from '@medley/safe-fetch/world.fixture';
import { BELOW, Federation } from '../testing/federation.fixture.ts';
import type { CheckedKeys } from './check-server-keys.ts';
import type { NotaryConfig } from './fetch-keys.ts';
import { ServerKeys } from './server-keys.ts';

/** Whose keys are asked for: found by step 1, so that keys alone are at stake. */
export const ORIGIN = `${SITE}:9443`;
export const NOTARY = `${BELOW}:9443`;
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

const PATH = '/_matrix/key/v2/server';

export const FIRST = keyOf('first', 1);
export const SECOND = keyOf('second', 2);
/** Of the same name as the first. */
export const STRANGER = keyOf('first', 3);
export const NOTARIAL = keyOf('notary', 4);
export const TRUSTED: NotaryConfig = { server_name: NOTARY, keys: { [NOTARIAL.keyId]: text(NOTARIAL) } };

export type Answer = Readonly<Record<string, unknown>>;

function keyOf(version: string, seed: number): SigningKey {
  return parseSigningKeys(`ed25519 ${version} ${Buffer.alloc(32, seed).toString('base64')}`)[0];
}

/** A public key in unpadded base64. */
export function text({ publicKey }: SigningKey): string {
  return Buffer.from(publicKey).toString('base64').replaceAll('=', '');
}

/** What a server says of its keys, before it is signed. */
export function answerOf(federation: Federation, keys: readonly SigningKey[] = [FIRST], more: Answer = {}): Answer {
  const verify_keys = Object.fromEntries(keys.map((key) => [key.keyId, { key: text(key) }]));
  return { server_name: ORIGIN, valid_until_ts: federation.clock.at + DAY, verify_keys, old_verify_keys: {}, ...more };
}

export function sign(answer: Answer, name = ORIGIN, key = FIRST): Answer {
  return signJson(answer, name, key);
}

/** An answer that holds this as JSON. */
export function json(value: unknown): Buffer {
  return httpAnswer('200 OK', { 'content-type': 'application/json' }, JSON.stringify(value));
}

/** Somebody who wants the keys of a server that says of them what a script says. */
export class KeysCase implements AsyncDisposable {
  readonly federation: Federation;
  readonly keys: ServerKeys;

  constructor(federation: Federation, notaries: readonly NotaryConfig[]) {
    this.federation = federation;
    const { fetch, clock } = federation;
    this.keys = new ServerKeys({ fetch, discovery: federation.discovery(), notaries, now: clock.now });
  }

  static async start(...notaries: readonly NotaryConfig[]): Promise<KeysCase> {
    return new KeysCase(await Federation.start(), notaries);
  }

  get asked(): number {
    return this.federation.matrix.requests.filter(({ path }) => path === PATH).length;
  }

  says(script: WebScript | Answer): void {
    const isScript = typeof script === 'function' || typeof script === 'string' || Buffer.isBuffer(script);
    this.federation.matrix.set(PATH, isScript ? script : json(script));
  }

  get(...keyIds: readonly string[]): Promise<CheckedKeys> {
    return this.keys.get(parseServerName(ORIGIN), keyIds, new AbortController().signal);
  }

  async ids(...keyIds: readonly string[]): Promise<readonly string[]> {
    return [...(await this.get(...keyIds)).keys.keys()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.federation[Symbol.asyncDispose]();
  }
}
