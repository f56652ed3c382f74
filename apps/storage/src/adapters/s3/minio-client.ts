import { Agent, request as requestHttp, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as requestHttps } from 'node:https';
import { Client } from 'minio';

/** How to reach a bucket's server. */
export interface S3Server {
  /** `http://host:port` or `https://host:port`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** The statuses that minio takes as passing; it leaves their bodies unread, which would hold the connection for ever. */
const PASSING_STATUSES: ReadonlySet<number | undefined> = new Set([408, 429, 499, 500, 502, 503, 504, 520]);
/** A copy on the server's side may say nothing for a while; minio itself would wait for ever. */
const IDLE_TIMEOUT_MS = 60_000;
/** Idle connections are closed before a server does it: a request that meets that moment fails. */
const KEEP_ALIVE_MS = 10_000;
const MAX_CONNECTIONS = 32;

/** Makes a client for everything but bytes. It never asks twice by itself and gives up on a server that falls silent. */
export function createMinioClient(server: S3Server): Client {
  const url = new URL(server.endpoint);
  const useSSL = url.protocol === 'https:';
  const options = { keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: KEEP_ALIVE_MS };
  return new Client({
    endPoint: url.hostname.replace(/^\[|\]$/g, ''),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    useSSL,
    region: server.region,
    accessKey: server.accessKey,
    secretKey: server.secretKey,
    pathStyle: true,
    retryOptions: { disableRetry: true },
    transportAgent: useSSL ? new TlsAgent(options) : new Agent(options),
    transport: { request: carefulRequest(useSSL ? requestHttps : requestHttp) as typeof requestHttp },
  });
}

/** The one form of request that minio makes. */
type MinioRequest = (options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ClientRequest;

function carefulRequest(request: typeof requestHttp | typeof requestHttps): MinioRequest {
  return (options, onResponse) => {
    const sent = request({ ...options, timeout: IDLE_TIMEOUT_MS }, onResponse);
    sent.once('timeout', () => sent.destroy(Object.assign(new Error('S3 fell silent'), { code: 'ETIMEDOUT' })));
    sent.once('response', (response) => {
      if (PASSING_STATUSES.has(response.statusCode)) response.resume();
    });
    return sent;
  };
}
