import { randomBytes } from 'node:crypto';
import type { FederationConfig } from '@medley/config/federation';
import type { ServerName } from '@medley/domain/server-name';
import type { SafeFetch, SafeResponse } from '@medley/safe-fetch/safe-fetch';
import { collectBytes } from '@medley/streams/byte-stream';
import { askServer } from '../discovery/ask-server.ts';
import { Discovery } from '../discovery/discovery.ts';
import type { Route } from '../discovery/route.ts';
import { KeyFetcher } from '../keys/fetch-keys.ts';
import { isUnrecognized, readRefusal, type Refusal } from '../media/reply.ts';
import { parseObject, toObject } from '../parse-object.ts';
import type { SignRequest } from '../signing/sign-request.ts';
import { reach } from './reach.ts';
import { Trace, type Step } from './trace.ts';

export interface DiagnosisOptions {
  readonly fetch: Pick<SafeFetch, 'get' | 'resolveServices' | 'inspect'>;
  readonly federation: Pick<FederationConfig, 'enabled' | 'denied_servers' | 'allowed_servers'>;
  readonly ownNames: readonly string[];
  readonly sign: SignRequest;
}

export interface Diagnosis {
  readonly steps: readonly Step[];
  /** Whether media can be fetched from there. */
  readonly ok: boolean;
}

const LIMITS = { maxBytes: 8 * 1024, tooLarge: 'cut', deadlineMs: 10_000, maxRedirects: 0 } as const;
const MAX_WORDS = 200;

/** Takes every step on the way to a server anew. Rejects only with the signal's reason. */
export async function diagnose(options: DiagnosisOptions, server: ServerName, requester: string, signal: AbortSignal): Promise<Diagnosis> {
  const { fetch, ownNames } = options;
  const trace = new Trace();
  const discovery = new Discovery({ fetch, rules: options.federation, ownNames, note: trace.add });
  const routes = await trace.attempt('name', async () => ({ value: await discovery.resolve(server, signal) }), signal);
  if (routes === undefined) return { steps: trace.steps, ok: false };
  for (const route of routes) await reach(fetch, route, trace, signal);
  await trace.attempt('version', () => askVersion(options, routes, signal), signal);
  await trace.attempt('keys', () => askKeys(options, discovery, { server, routes }, signal), signal);
  const asked = { server, routes, requester };
  const verdict = await trace.attempt('request', () => askMedia(options, asked, 'signed', signal), signal);
  if (verdict !== 'unknown') return { steps: trace.steps, ok: verdict === 'fine' };
  const older = await trace.attempt('request', () => askMedia(options, asked, 'legacy', signal), signal);
  return { steps: trace.steps, ok: older === 'fine' };
}

interface Asked {
  readonly server: ServerName;
  readonly routes: readonly Route[];
  readonly requester: string;
}

async function askVersion({ fetch }: DiagnosisOptions, routes: readonly Route[], signal: AbortSignal): Promise<{ value: true; ok: boolean; detail: string }> {
  const response = await askServer(fetch, routes, { uri: '/_matrix/federation/v1/version', ...LIMITS }, signal);
  const { name, version } = toObject((await readObject(response))['server']) ?? {};
  const isTold = typeof name === 'string';
  return { value: true, ok: isTold, detail: isTold ? cut(`${name} ${typeof version === 'string' ? version : ''}`) : `it answers ${response.status}` };
}

async function askKeys({ fetch }: DiagnosisOptions, discovery: Discovery, { server, routes }: Omit<Asked, 'requester'>, signal: AbortSignal): Promise<{ value: true; detail: string }> {
  const fetcher = new KeyFetcher({ fetch, discovery, notaries: [], now: Date.now });
  const { keys, validUntil } = await fetcher.ask(server, routes, signal);
  return { value: true, detail: `${[...keys.keys()].join(', ')} until ${new Date(validUntil).toISOString()}` };
}

const MEANINGS = {
  fine: 'it says so',
  refused: 'it does not take our signature',
  unknown: 'it does not know such requests',
  strange: 'this is no answer of a media repository',
} as const;

type Verdict = keyof typeof MEANINGS;

/** Asks for a media that does not exist, as its server would know: by the endpoint for signed requests, or by the older one. */
async function askMedia({ fetch, sign }: DiagnosisOptions, { server, routes, requester }: Asked, by: 'signed' | 'legacy', signal: AbortSignal): Promise<{ value: Verdict; ok: boolean; detail: string }> {
  const mediaId = `medley-check-${randomBytes(12).toString('hex')}`;
  const path = by === 'signed' ? `/_matrix/federation/v1/media/download/${mediaId}?` : `/_matrix/media/v3/download/${server}/${mediaId}?allow_remote=false&`;
  const uri = `${path}timeout_ms=0`;
  const headers = by === 'signed' ? { authorization: sign({ requester, destination: server, method: 'GET', uri }) } : {};
  const response = await askServer(fetch, routes, { uri, headers, ...LIMITS }, signal);
  const answer = await readRefusal(response);
  const value = judge(answer);
  return { value, ok: value === 'fine', detail: `${by} request for media that is not there: ${MEANINGS[value]} (${answer.status} ${answer.said})` };
}

function judge(answer: Refusal): Verdict {
  const { status, errcode } = answer;
  if (status === 404 && errcode === 'M_NOT_FOUND') return 'fine';
  if (status === 504 && errcode === 'M_NOT_YET_UPLOADED') return 'fine';
  if (status === 401 || status === 403) return 'refused';
  return isUnrecognized(answer) ? 'unknown' : 'strange';
}

async function readObject({ body }: SafeResponse): Promise<Readonly<Record<string, unknown>>> {
  return parseObject(await collectBytes(body, LIMITS.maxBytes)) ?? {};
}

/** What strangers say may be long, and may move the cursor of a terminal. */
function cut(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ').slice(0, MAX_WORDS);
}
