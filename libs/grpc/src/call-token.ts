import { createHash, timingSafeEqual } from 'node:crypto';
import { Metadata, ServerError, Status, type ClientMiddleware, type ServerMiddleware } from 'nice-grpc-common';

/** Services that answer without a token: probes and tools have none. */
const OPEN_SERVICES = ['/grpc.health.v1.Health/', '/grpc.reflection.'];

/** Sends the shared bearer token with every call. */
export function clientToken(token: string): ClientMiddleware {
  return async function* sendToken(call, options) {
    const metadata = Metadata(options.metadata).set('authorization', `Bearer ${token}`);
    return yield* call.next(call.request, { ...options, metadata });
  };
}

/** Refuses calls without the shared bearer token with UNAUTHENTICATED. */
export function serverToken(token: string): ServerMiddleware {
  const expected = sha256(`Bearer ${token}`);
  return async function* checkToken(call, context) {
    const isOpen = OPEN_SERVICES.some((prefix) => call.method.path.startsWith(prefix));
    if (!isOpen && !timingSafeEqual(sha256(context.metadata.get('authorization') ?? ''), expected)) {
      throw new ServerError(Status.UNAUTHENTICATED, 'a valid bearer token is needed');
    }
    return yield* call.next(call.request, context);
  };
}

/** Hashed, so that both sides of the comparison have the same length. */
function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
