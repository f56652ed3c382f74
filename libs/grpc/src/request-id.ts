import { currentRequestId, enterRequest } from '@medley/telemetry/request-id';
import { Metadata, type ClientMiddleware, type ServerMiddleware } from 'nice-grpc-common';
import { REQUEST_ID_HEADER } from './trailer-names.ts';

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** Tells the callee which request it works for. */
export const clientRequestId: ClientMiddleware = async function* sendRequestId(call, options) {
  const requestId = currentRequestId();
  if (requestId === undefined) return yield* call.next(call.request, options);
  const metadata = Metadata(options.metadata).set(REQUEST_ID_HEADER, requestId);
  return yield* call.next(call.request, { ...options, metadata });
};

/** Lets the handler's log lines carry the caller's request id. */
export const serverRequestId: ServerMiddleware = async function* takeRequestId(call, context) {
  const requestId = context.metadata.get(REQUEST_ID_HEADER);
  if (requestId !== undefined && REQUEST_ID.test(requestId)) enterRequest(requestId);
  return yield* call.next(call.request, context);
};
