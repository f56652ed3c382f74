import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Meter } from '@medley/telemetry/metrics';
import Koa from 'koa';
import type { Gateway } from '../gateway.ts';
import { dispatch } from './dispatch.ts';
import { accessLog, requestRecorder } from './middleware/access-log.ts';
import { cors } from './middleware/cors.ts';
import { matrixErrors } from './middleware/matrix-errors.ts';
import { requestId } from './middleware/request-id.ts';
import { requestShape } from './middleware/request-shape.ts';
import type { OnHotAnswer } from './hot-path.ts';
import { holdContinue } from './parse/request-body.ts';
import { CORS_HEADERS } from './respond/security-headers.ts';
import { ROUTES } from './routes.ts';

/** A body may take as long as it keeps coming; headers may not. */
const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 75_000;

/** Builds the HTTP server; it does not listen yet. Once `isStopping`, every answer asks its reader to connect anew, which finds another replica. */
export function createHttpServer(gateway: Gateway, meter: Meter, isStopping: () => boolean): Server {
  const { log } = gateway;
  const record = requestRecorder(log, meter);
  const app = new Koa();
  app.on('error', (error: Error) => {
    // matrixErrors takes what handlers throw; what comes here is a connection that broke, or a bug
    if ('syscall' in error) log.info({ reason: error.message }, 'a connection broke off');
    else log.error({ err: error }, 'an answer failed');
  });
  app.use(requestId).use(cors).use(accessLog(record)).use(matrixErrors(log)).use(requestShape).use(dispatch(gateway, ROUTES));
  const callback = app.callback();
  const onHot: OnHotAnswer = (facts) => record({ method: 'GET', status: 200, ...facts });
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (isStopping() || !server.listening) response.setHeader('Connection', 'close');
    if (!gateway.hot.answer(gateway, request, response, onHot)) void callback(request, response);
  };
  const server = createServer({ requestTimeout: 0, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS }, handle);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    holdContinue(request, response);
    handle(request, response);
  });
  server.on('clientError', answerBrokenRequest);
  return server;
}

const BROKEN_REQUEST_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What Node's parser refuses never becomes a request, but still gets an answer in Matrix's form. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  const { _httpMessage: answering } = socket as { readonly _httpMessage?: ServerResponse | null };
  // what is wrong may come behind a request whose answer is under way, and must not be written into that
  if (error.code === 'ECONNRESET' || !socket.writable || answering?.headersSent === true) {
    socket.destroy();
    return;
  }
  const status = BROKEN_REQUEST_STATUS[error.code ?? ''] ?? 400;
  const body = JSON.stringify({ errcode: 'M_UNKNOWN', error: STATUS_CODES[status] ?? 'Bad Request' });
  const headers = Object.entries({ ...CORS_HEADERS, 'Content-Type': 'application/json', 'Content-Length': String(body.length), Connection: 'close' });
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`);
}
