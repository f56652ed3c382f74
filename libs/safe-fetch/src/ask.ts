import { isIPv6 } from 'node:net';
import type { Dispatcher } from 'undici';
import type { CheckedAddress } from './address-judge.ts';
import type { Connections } from './connections.ts';
import type { Course } from './course.ts';
import { FetchFailure } from './fetch-failure.ts';
import { bareHost, type Target } from './url-rules.ts';

/** One request that has passed every rule. */
export interface Question {
  readonly url: URL;
  /** The URL's own host and port, unless the caller knows better. */
  readonly target: Target;
  readonly headers: Readonly<Record<string, string>>;
  /** The host header: the host of the URL. */
  readonly host: string;
  /** To be posted, if there is any. */
  readonly json: string | undefined;
  /** Empty where a proxy resolves the name. */
  readonly addresses: readonly CheckedAddress[];
}

export interface Answer {
  readonly status: number;
  /** All values of a header, by its name in lower case. */
  values(name: string): readonly string[];
  /** As it comes over the wire. To be read or destroyed. */
  readonly body: Dispatcher.ResponseData['body'];
}

const MAX_INFORMATIONAL = 5;
const MAX_HEADERS = 100;

/** Sends one request to the first of its addresses that can be connected to, of two at most, and returns when the headers are there. */
export async function ask(question: Question, connections: Connections, course: Course): Promise<Answer> {
  const [first, second] = twoOf(question.addresses);
  try {
    return await askAt(first, question, connections, course);
  } catch (error) {
    const isUnreached = error instanceof FetchFailure && error.code === 'CONNECT_FAILED';
    if (!isUnreached || second === undefined || course.signal.aborted) throw error;
    return await askAt(second, question, connections, course);
  }
}

/** The first address, and another of the other family if there is one: often just one of the two is reachable. */
function twoOf(addresses: readonly CheckedAddress[]): readonly (CheckedAddress | undefined)[] {
  const [first, second] = addresses;
  return [first, addresses.find((address) => isIPv6(address) !== isIPv6(first ?? '')) ?? second];
}

async function askAt(address: CheckedAddress | undefined, { url, target, headers, host, json }: Question, connections: Connections, { trail, signal }: Course): Promise<Answer> {
  trail.note({ address });
  const patience = new Patience();
  const origin = `${url.protocol}//${isIPv6(target.host) ? `[${target.host}]` : target.host}:${target.port}`;
  const dispatcher = connections.to({ origin, address, port: target.port, name: bareHost(url.hostname) });
  const content = json === undefined ? ({ method: 'GET' } as const) : ({ method: 'POST', body: json } as const);
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const request = { origin, path: url.pathname + url.search, ...content, headers: { ...headers, ...type, host }, onInfo: patience.onInfo };
  const answered = dispatcher.request({ ...request, signal: AbortSignal.any([signal, patience.signal]) });
  const { statusCode, headers: received, body } = await answered.catch(toFailure);
  // Whoever reads the body hears of its failure by reading; one that is destroyed unread would end the process.
  body.on('error', () => {});
  trail.note({ status: statusCode });
  const count = Object.values(received).flat().length;
  if (count > MAX_HEADERS) {
    body.destroy();
    throw new FetchFailure('RESPONSE_BROKEN', `The answer has ${count} headers`);
  }
  return { status: statusCode, values: (name) => [received[name] ?? []].flat(), body };
}

/** Aborts when there are too many answers before the answer (103 and the like), each of which may hold as many headers. */
class Patience {
  readonly #controller = new AbortController();
  #count = 0;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly onInfo = (): void => {
    this.#count += 1;
    if (this.#count > MAX_INFORMATIONAL) this.#controller.abort(new FetchFailure('RESPONSE_BROKEN', 'There are too many answers before the answer'));
  };
}

function toFailure(error: unknown): never {
  throw error instanceof FetchFailure ? error : new FetchFailure('RESPONSE_BROKEN', 'There was no proper answer', { cause: error });
}
