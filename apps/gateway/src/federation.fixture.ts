import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { serveGrpc, type CallContext } from '@medley/grpc/server';
import { signatureOf, type JsonObject } from '@medley/matrix/sign-json';
import { parseSigningKeys, type SigningKey } from '@medley/matrix/signing-key';
import { requestObject } from '@medley/matrix/x-matrix';
import { FederationFetchServiceDefinition, type GetServerKeysRequest, type GetServerKeysResponse } from '@medley/proto/federation-fetch';
import { quietTelemetry } from '@medley/testing/telemetry';
import { startTestGateway, withoutOthers, type TestGateway } from './gateway.fixture.ts';

export const [FIRST_TENANT, SECOND_TENANT] = ['a.example', 'two.example'];
/** The server that asks. */
export const ASKING = 'asking.example:8448';
/** Media that a scene has. */
export const URI = '/_matrix/federation/v1/media/download/media';
export const BYTES = Buffer.from('the bytes');

const STORAGE = { locateBlob: async () => ({ sizeBytes: BYTES.byteLength, location: { $case: 'inline', value: BYTES } }) };

export interface FederationParts {
  readonly storage?: object;
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface WholeAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A gateway of two tenants between fakes, and the keys that others are said to have. */
export interface FederationScene extends AsyncDisposable {
  readonly gateway: TestGateway;
  /** Whose keys were asked for, and by which ids. */
  readonly asked: readonly GetServerKeysRequest[];
  /** How federation-fetch answers for keys; at first with FIRST. */
  getServerKeys: (request: GetServerKeysRequest, context: CallContext) => Promise<GetServerKeysResponse>;
  /** Sends just this path; rejects if the answer breaks off. */
  get(uri: string, authorization: string | readonly string[] | undefined, more?: { readonly method?: string; readonly headers?: OutgoingHttpHeaders }): Promise<WholeAnswer>;
}

export const [FIRST, SECOND, STRANGER] = [keyOf('first', 1), keyOf('second', 2), keyOf('first', 3)];

function keyOf(version: string, seed: number): SigningKey {
  return parseSigningKeys(`ed25519 ${version} ${Buffer.alloc(32, seed).toString('base64')}`)[0];
}

export async function startFederation({ storage = STORAGE, config = {} }: FederationParts = {}): Promise<FederationScene> {
  await using opened = new AsyncDisposableStack();
  const asked: GetServerKeysRequest[] = [];
  const getServerKeys = (request: GetServerKeysRequest, context: CallContext): Promise<GetServerKeysResponse> => {
    asked.push(request);
    return scene.getServerKeys(request, context);
  };
  const implementation = withoutOthers(FederationFetchServiceDefinition, { getServerKeys });
  const server = await serveGrpc({ service: FederationFetchServiceDefinition, implementation, listen: '127.0.0.1:0', ...quietTelemetry() });
  opened.defer(() => server.stop(0));
  const homeservers = [FIRST_TENANT, SECOND_TENANT].map((server_name, index) => ({
    server_name, signing_key: `ed25519 own ${Buffer.alloc(32, 10 + index).toString('base64')}`,
  }));
  const gateway = opened.use(await startTestGateway(storage, { homeservers, grpc: { federation_fetch: server.address }, ...config }));
  gateway.metadata.add('media', 'f'.repeat(64), BYTES.byteLength);
  const owned = opened.move();
  const scene: FederationScene = {
    gateway,
    asked,
    getServerKeys: async () => says([FIRST]),
    get: (uri, authorization, more) => send(gateway.url + uri, authorization, more),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return scene;
}

/** What federation-fetch says of keys. */
export function says(keys: readonly SigningKey[], validUntilMs = Date.now() + 86_400_000): GetServerKeysResponse {
  return { keys: keys.map(({ keyId, publicKey }) => ({ keyId, publicKey })), validUntilMs };
}

export interface Signed {
  readonly uri: string;
  readonly method: string;
  readonly origin: string;
  readonly destination: string;
  readonly key: SigningKey;
  /** Signed besides all else. */
  readonly more: JsonObject;
}

/** The signature of a request; by default of the one that is allowed. */
export function sign(parts: Partial<Signed> = {}): Signed & { readonly signature: string } {
  const signed = { uri: URI, method: 'GET', origin: ASKING, destination: FIRST_TENANT, key: FIRST, more: {}, ...parts };
  return { ...signed, signature: signatureOf({ ...requestObject(signed), ...signed.more }, signed.key) };
}

/** The Authorization header of a request. */
export function authorize(parts: Partial<Signed> = {}): string {
  const { origin, destination, key, signature } = sign(parts);
  return `X-Matrix origin="${origin}",destination="${destination}",key="${key.keyId}",sig="${signature}"`;
}

/** By node:http, which sends any path as it is, and a header as often as it is told to. */
export async function send(url: string, authorization: string | readonly string[] | undefined, { method = 'GET', headers = {} } = {}): Promise<WholeAnswer> {
  const [, host = '', path = ''] = /^http:\/\/([^/]+)(\/.*)$/.exec(url) ?? [];
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const more = authorization === undefined ? {} : { authorization: authorization as string }; // a list is sent as several headers
  request({ host: '127.0.0.1', port: Number(host.split(':')[1]), path, method, headers: { host: FIRST_TENANT, ...more, ...headers } }, resolve).on('error', reject).end();
  const response = await promise;
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}
