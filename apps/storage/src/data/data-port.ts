import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@medley/telemetry/logger';
import { observeConnections } from '@medley/telemetry/connections';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import { openSpan } from '@medley/telemetry/spans';
import type { BlobStore } from '../ports/blob-store.ts';
import { toAdvertisedUrl } from './advertised-url.ts';
import { handleRequest } from './handle-request.ts';
import { DataLinks } from './links.ts';
import type { ListenAddress } from './listen-address.ts';
import { removeStaleSocket } from '@medley/runtime/stale-socket';
import { UrlSigner } from './url-signer.ts';

export interface DataPortOptions {
  readonly store: BlobStore;
  readonly listen: ListenAddress;
  /** How others reach it, where the listening address does not say it: `http://host:port`. */
  readonly advertise?: string | undefined;
  /** Senders and readers that stand still for this long are cut, in milliseconds. */
  readonly uploadStallMs: number;
  readonly downloadStallMs: number;
  readonly log: Logger;
  readonly meter: Meter;
}

interface Listening {
  /** Where it listens: `http://host:port` or `unix:///path`. */
  readonly address: string;
  readonly links: DataLinks;
}

export interface DataPort extends Listening {
  /** From now on every answer asks for another connection, so that none is in use when the port stops. */
  announceStop(): void;
  /** Refuses new requests, lets running ones finish for at most `graceMs`, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

const SERVER_OPTIONS = {
  /** Whole uploads may take long; those that stand still are cut by themselves. */
  requestTimeout: 0,
  headersTimeout: 10_000,
  /** Longer than the byte lane keeps an idle connection, so that none is closed while a request is on its way. */
  keepAliveTimeout: 30_000,
};

/** Serves bulk bytes over HTTP/1.1 to whoever holds a signed URL of this process. */
export async function openDataPort(options: DataPortOptions): Promise<DataPort> {
  const signer = new UrlSigner();
  const ending = new AbortController();
  const running = new Set<Promise<void>>();
  const duration = durationHistogram(options.meter, 'http.server.request.duration', 'How long transfers over the data port took');
  let isStopping = false;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (isStopping) response.setHeader('connection', 'close');
    const startedAt = performance.now();
    const method = request.method === 'PUT' ? 'PUT' : 'GET';
    // only our own services have URLs of this port, so what they say of their trace is believed
    const span = openSpan({ name: `${method} data`, kind: 'server', facts: { 'http.request.method': method }, parent: traceparentOf(request) });
    const start = (): Promise<void> => handleRequest(request, response, { ...options, signer, signal: ending.signal });
    const work = (span?.run(start) ?? start()).finally(() => {
      running.delete(work);
      span?.note({ 'http.response.status_code': response.statusCode });
      span?.end();
      duration.record((performance.now() - startedAt) / 1000, { 'http.request.method': method, 'http.response.status_code': response.statusCode });
    });
    running.add(work);
    // A connection that is kept for the next request would hold a server that is closing.
    response.once('close', () => server.listening || server.closeIdleConnections());
  };
  const server = createServer(SERVER_OPTIONS, handle).on('checkContinue', handle);
  observeConnections(options.meter, server, 'data');
  options.meter.createObservableGauge('medley.storage.transfers', { description: 'Transfers over the data port that are under way' })
    .addCallback((gauge) => gauge.observe(running.size));
  const { address, links } = await listen(server, options, signer);
  return {
    address,
    links,
    announceStop: () => void (isStopping = true),
    async stop(graceMs) {
      await closeServer(server, graceMs, () => ending.abort());
      await Promise.all(running);
    },
  };
}

function traceparentOf({ headers }: IncomingMessage): string | undefined {
  return typeof headers['traceparent'] === 'string' ? headers['traceparent'] : undefined;
}

async function listen(server: Server, { listen: where, advertise }: DataPortOptions, signer: UrlSigner): Promise<Listening> {
  if (where.kind === 'unix') {
    await removeStaleSocket(where.path);
    await once(server.listen(where.path), 'listening');
    return { address: `unix://${where.path}`, links: new DataLinks(signer, 'http://localhost', where.path) };
  }
  await once(server.listen(where.port, where.host), 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's address is never text
  return {
    address: toAdvertisedUrl(where.host, port, undefined),
    links: new DataLinks(signer, toAdvertisedUrl(where.host, port, advertise)),
  };
}

async function closeServer(server: Server, graceMs: number, onCut: () => void): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const cut = setTimeout(() => {
    onCut();
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearTimeout(cut);
}
