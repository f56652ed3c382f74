import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ListenConfig } from '@medley/config/listen';
import { observeConnections } from '@medley/telemetry/connections';
import type { Meter } from '@medley/telemetry/metrics';
import { isTracing } from '@medley/telemetry/spans';
import Koa from 'koa';
import type { Gateway } from '../gateway.ts';
import { dispatch } from './dispatch.ts';
import { endSoon } from './door/end-soon.ts';
import { Pipelines } from './door/pipelines.ts';
import { refuseAsLast } from './door/refuse.ts';
import { findRequestFault } from './door/request-fault.ts';
import { accessLog, requestRecorder } from './middleware/access-log.ts';
import { cors } from './middleware/cors.ts';
import { matrixErrors } from './middleware/matrix-errors.ts';
import { requestId } from './middleware/request-id.ts';
import { isTracedByRequester, traceAnswer, tracing } from './middleware/tracing.ts';
import type { OnHotAnswer } from './hot-path.ts';
import { holdContinue } from './parse/request-body.ts';
import { CORS_HEADERS } from './respond/security-headers.ts';
import { ROUTES } from './routes.ts';

/** How often connections are looked at that are late, as a part of what they may take, so that little is added to it. */
const LOOKS_FOR_LATE = 8;
const MAX_LOOK_MS = 1000;

/** Builds the HTTP server; it does not listen yet. Once `isStopping`, every answer asks its reader to connect anew, which finds another replica. */
export function createHttpServer(gateway: Gateway, meter: Meter, isStopping: () => boolean): Server {
  const { log, config: { listen, trustsTraceparent } } = gateway;
  const record = requestRecorder(log, meter);
  const app = new Koa();
  app.on('error', (error: Error) => {
    // matrixErrors takes what handlers throw; what comes here is a connection that broke, or a bug
    if ('syscall' in error) log.info({ reason: error.message }, 'a connection broke off');
    else log.error({ err: error }, 'an answer failed');
  });
  app.use(requestId).use(tracing(trustsTraceparent)).use(cors).use(accessLog(record)).use(matrixErrors(log)).use(dispatch(gateway, ROUTES));
  const callback = app.callback();
  const onHot: OnHotAnswer = (facts) => {
    const whole = { method: 'GET', status: 200, ...facts };
    record(whole);
    if (isTracing()) traceAnswer(whole);
  };
  const isTraced = (request: IncomingMessage): boolean => isTracedByRequester(request, trustsTraceparent);
  const pipelines = new Pipelines(listen.max_pipelined);
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (!pipelines.take(request, response)) return;
    if (isStopping() || !server.listening) response.setHeader('Connection', 'close');
    const fault = findRequestFault(request, listen.max_url_bytes);
    if (fault !== undefined) {
      pipelines.end(request.socket);
      return refuseAsLast(response, fault);
    }
    const leave = gateway.door.letIn(request, response);
    // what is answered from memory costs no more than a refusal
    if (leave === undefined || (!isTraced(request) && gateway.hot.answer(gateway, request, response, onHot))) return;
    if (gateway.door.giveWork(request, response, leave)) void callback(request, response);
  };
  const server = createServer(toOptions(listen), handle);
  server.maxConnections = listen.max_connections;
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    holdContinue(request, response);
    handle(request, response);
  });
  observeConnections(meter, server, 'gateway');
  server.on('clientError', answerBrokenRequest);
  return server;
}

/** A body may take as long as it keeps coming; headers may not. */
function toOptions(listen: ListenConfig): ServerOptions {
  return {
    requestTimeout: 0,
    headersTimeout: listen.headers_timeout,
    connectionsCheckingInterval: Math.min(MAX_LOOK_MS, Math.ceil(listen.headers_timeout / LOOKS_FOR_LATE)),
    keepAliveTimeout: listen.keep_alive,
    maxHeaderSize: listen.max_header_bytes,
  };
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
  endSoon(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`);
}
