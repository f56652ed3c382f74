import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TlsMaterial } from '@medley/grpc/credentials';
import type { Logger } from '@medley/telemetry/logger';
import { observeConnections } from '@medley/telemetry/connections';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';
import { openSpan } from '@medley/telemetry/spans';
import { toAdvertisedUrl } from './advertised-url.ts';
import { createDataServer, type DataServer } from './data-server.ts';
import { handleRequest } from './handle-request.ts';
import { DataLinks } from './links.ts';
import type { ListenAddress } from './listen-address.ts';
import { removeStaleSocket } from '@medley/runtime/stale-socket';
import type { Stores } from '../stores.ts';
import { UrlSigner } from './url-signer.ts';

export interface DataPortOptions {
  readonly stores: Pick<Stores, 'of'>;
  readonly listen: ListenAddress;
  /** How others reach it, where the listening address does not say it: `http://host:port`, with `tls` https. */
  readonly advertise?: string | undefined;
  /** With it the port speaks TLS, and only to those who show a certificate of the same authority; a unix socket stays plain. */
  readonly tls?: TlsMaterial | undefined;
  /** Senders and readers that stand still for this long are cut, in milliseconds. */
  readonly uploadStallMs: number;
  readonly downloadStallMs: number;
  readonly log: Logger;
  readonly meter: Meter;
}

interface Listening {
  /** Where it listens: `http://host:port`, `https://host:port` or `unix:///path`. */
  readonly address: string;
  readonly links: DataLinks;
}

export interface DataPort extends Listening {
  /** From now on every answer asks for another connection, so that none is in use when the port stops. */
  announceStop(): void;
  /** Refuses new requests, lets running ones finish for at most `graceMs`, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

/** Serves bulk bytes over HTTP/1.1 to whoever holds a signed URL of this process. */
export async function openDataPort(options: DataPortOptions): Promise<DataPort> {
  const signer = new UrlSigner();
  const ending = new AbortController();
  const running = new Set<Promise<void>>();
  const duration = durationHistogram(options.meter, 'http.server.request.duration', 'How long transfers over the data port took');
  let isStopping = false;
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (isStopping || served.isOutdated(request.socket)) response.setHeader('connection', 'close');
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
  const served = createDataServer(options.listen.kind === 'unix' ? undefined : options.tls, handle);
  const server = served.server.on('checkContinue', handle);
  observeConnections(options.meter, server, 'data');
  options.meter.createObservableGauge('medley.storage.transfers', { description: 'Transfers over the data port that are under way' })
    .addCallback((gauge) => gauge.observe(running.size));
  const { address, links } = await listen(server, options, signer);
  return {
    address,
    links,
    announceStop: () => void (isStopping = true),
    async stop(graceMs) {
      await closeServer(served, graceMs, () => ending.abort());
      await Promise.all(running);
    },
  };
}

function traceparentOf({ headers }: IncomingMessage): string | undefined {
  return typeof headers['traceparent'] === 'string' ? headers['traceparent'] : undefined;
}

async function listen(server: Server, { listen: where, advertise, tls }: DataPortOptions, signer: UrlSigner): Promise<Listening> {
  if (where.kind === 'unix') {
    await removeStaleSocket(where.path);
    await once(server.listen(where.path), 'listening');
    return { address: `unix://${where.path}`, links: new DataLinks(signer, 'http://localhost', where.path) };
  }
  await once(server.listen(where.port, where.host), 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's address is never text
  const scheme = tls === undefined ? 'http' : 'https';
  return {
    address: toAdvertisedUrl(where.host, port, undefined, scheme),
    links: new DataLinks(signer, toAdvertisedUrl(where.host, port, advertise, scheme)),
  };
}

async function closeServer(served: DataServer, graceMs: number, onCut: () => void): Promise<void> {
  using owned = served;
  const closed = once(owned.server, 'close');
  owned.server.close();
  const cut = setTimeout(() => {
    onCut();
    owned.cut();
  }, graceMs);
  await closed;
  clearTimeout(cut);
}
