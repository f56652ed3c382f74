import { constants } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { LiveCertificates, type TlsMaterial } from '@medley/grpc/live-certificates';

/** The server of a data port, plain or over TLS; what it follows ends with it. */
export interface DataServer extends Disposable {
  readonly server: Server;
  /** Whether the certificates have changed since this connection was made. */
  isOutdated(connection: Socket): boolean;
  /** Ends every connection, also those that have not come to HTTP yet. */
  cut(): void;
}

const HEADERS_TIMEOUT_MS = 10_000;
const OPTIONS = {
  /** Whole uploads may take long; those that stand still are cut by themselves. */
  requestTimeout: 0,
  headersTimeout: HEADERS_TIMEOUT_MS,
  /** Longer than the byte lane keeps an idle connection, so that none is closed while a request is on its way. */
  keepAliveTimeout: 30_000,
};

/** With `tls` only clients that show a certificate of the authority come to HTTP. Its problems with files are told by the RPCs' own server. */
export function createDataServer(tls: TlsMaterial | undefined, handle: RequestListener): DataServer {
  return tls === undefined ? plain(handle) : overTls(tls, handle);
}

function plain(handle: RequestListener): DataServer {
  const server = createServer(OPTIONS, handle);
  return { server, isOutdated: () => false, cut: () => server.closeAllConnections(), [Symbol.dispose]: () => {} };
}

function overTls(tls: TlsMaterial, handle: RequestListener): DataServer {
  const certificates = new LiveCertificates(tls);
  const tlsOptions = { requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'], handshakeTimeout: HEADERS_TIMEOUT_MS };
  const server = createTlsServer({ ...OPTIONS, ...tlsOptions, ...toContext(tls) }, handle);
  let current = new WeakSet<Socket>();
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => void open.add(socket.once('close', () => open.delete(socket))));
  server.on('secureConnection', (connection) => current.add(connection));
  const following = certificates.follow((renewed) => {
    server.setSecureContext(toContext(renewed));
    current = new WeakSet();
  });
  return {
    server,
    isOutdated: (connection) => !current.has(connection),
    cut: () => open.forEach((socket) => socket.destroy()),
    [Symbol.dispose]: () => following[Symbol.dispose](),
  };
}

/** Without tickets: a session that is taken up again would let in whoever was signed by an authority that is gone. */
function toContext({ ca, cert, key }: TlsMaterial) {
  return { ca, cert, key, secureOptions: constants.SSL_OP_NO_TICKET };
}
