import { AsyncLocalStorage } from 'node:async_hooks';

const requestIds = new AsyncLocalStorage<string>();

/** The id of the request this code runs for; every log line carries it, and every call to another service. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}

/** Runs `work`, and all that it starts, for the request `requestId`. */
export function runForRequest<Value>(requestId: string, work: () => Value): Value {
  return requestIds.run(requestId, work);
}

/** From here on, the current asynchronous call runs for the request `requestId`. */
export function enterRequest(requestId: string): void {
  requestIds.enterWith(requestId);
}
