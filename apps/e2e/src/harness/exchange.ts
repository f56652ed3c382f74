import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { send, type CallOptions, type Place } from './http-call.ts';

/** How one HTTP exchange went, also if it broke off. Bodies are hashed and not kept. */
export interface Exchange {
  /** `undefined` if no answer began. */
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Whether the answer's body ended as HTTP says it must. */
  readonly isWhole: boolean;
  readonly sizeBytes: number;
  /** Lower-case hex SHA-256 of what came. */
  readonly digest: string;
  /** The first bytes. */
  readonly head: Buffer;
  /** Why it broke off. */
  readonly failure: string | undefined;
  /** When it was sent, by the system's clock in milliseconds. */
  readonly beganAt: number;
}

const HEAD_BYTES = 64 * 1024;
const NOTHING = { headers: {}, isWhole: false, sizeBytes: 0, digest: '', head: Buffer.alloc(0) };

/** Makes one HTTP request and hears it out. Never throws for what a server or a network can do. */
export async function exchange(place: Place, path: string, options: CallOptions = {}): Promise<Exchange> {
  const beganAt = Date.now();
  try {
    const response = await send(place, path, options);
    return { status: response.statusCode, headers: response.headers, ...await readBody(response), beganAt };
  } catch (error) {
    return { ...NOTHING, status: undefined, failure: describe(error), beganAt };
  }
}

/** The Matrix errcode of an answer that is an error. */
export function errcodeOf({ status = 0, head }: Exchange): string | undefined {
  if (status < 400) return undefined;
  return /"errcode":"(M_[A-Z_]+)"/.exec(head.toString())?.[1];
}

/** An exchange in a few words. */
export function describeExchange(one: Exchange): string {
  const errcode = errcodeOf(one);
  const body = errcode ?? `${one.sizeBytes} B ${one.digest.slice(0, 8)}`;
  return `${one.status ?? 'no answer'} ${body}${one.failure === undefined ? '' : ` broke off: ${one.failure}`}`;
}

async function readBody(response: IncomingMessage) {
  const hash = createHash('sha256');
  const head: Buffer[] = [];
  let sizeBytes = 0;
  let failure: string | undefined;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      hash.update(chunk);
      if (sizeBytes < HEAD_BYTES) head.push(chunk);
      sizeBytes += chunk.byteLength;
    }
  } catch (error) {
    failure = describe(error);
  }
  return { isWhole: failure === undefined && response.complete, sizeBytes, digest: hash.digest('hex'), head: Buffer.concat(head), failure };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
