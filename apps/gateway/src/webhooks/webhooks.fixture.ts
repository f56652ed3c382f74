import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FakeLeases } from '@medley/maintenance/leases.fixture';
import type { GetPositionResponse, SavePositionRequest } from '@medley/proto/metadata/jobs';
import { ChangeKind, type Change, type ListChangesRequest, type ListChangesResponse } from '@medley/proto/metadata/moderation';

export const SECRET = 'a secret of sixteen';

/** What webhooks need of metadata, in memory: the log, positions and leases. */
export class FakeLog extends FakeLeases {
  readonly changes: Change[] = [];
  readonly positions = new Map<string, number>();
  /** Awaited before a position is saved. */
  beforeSave: () => Promise<void> = async () => {};

  /** Something happens to a media whose id is its sequence. */
  add(kind: ChangeKind = ChangeKind.QUARANTINED, parts: Partial<Change> = {}): Change {
    const sequence = this.changes.length + 1;
    const subject = { $case: 'key' as const, value: { origin: 'a.example', mediaId: `m${sequence}` } };
    const change = { sequence, kind, subject, by: '@admin:a.example', atMs: 1000 + sequence, store: '', ...parts };
    this.changes.push(change);
    return change;
  }

  listChanges = async ({ after = 0, limit, descending }: ListChangesRequest): Promise<ListChangesResponse> => {
    const changes = descending ? this.changes.slice(-limit) : this.changes.filter(({ sequence }) => sequence > after).slice(0, limit);
    return { changes, position: this.changes.length };
  };

  getPosition = async ({ name }: { readonly name: string }): Promise<GetPositionResponse> => ({ position: this.positions.get(name) });

  savePosition = async ({ name, position }: SavePositionRequest): Promise<object> => {
    await this.beforeSave();
    this.positions.set(name, position);
    return {};
  };
}

/** A post that came with a right signature. */
export interface Received {
  readonly delivery: string;
  readonly sequences: readonly number[];
  readonly body: { readonly webhook: string; readonly changes: readonly Readonly<Record<string, unknown>>[] };
}

/** Somebody who is told, on a real socket, and believes only what is signed as docs/reference/webhooks.md says. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** How each request is answered; once it is used up, with 204. */
  readonly script: (RequestListener | number)[] = [];
  requestCount = 0;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** The sequences of all that it took, in the order in which they came. */
  get sequences(): readonly number[] {
    return this.received.flatMap(({ sequences }) => sequences);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(...[request, response]: Parameters<RequestListener>): Promise<void> {
    this.requestCount += 1;
    const body = await text(request);
    const how = this.script.shift() ?? 204;
    if (typeof how === 'function') return void how(request, response);
    if (how < 300) this.received.push(read(request.headers, body));
    response.writeHead(how, how < 400 && how >= 300 ? { location: '/elsewhere' } : {}).end();
  }
}

/** Throws for what is not signed by the secret, as the documents say. */
export function read(headers: IncomingHttpHeaders, text: string): Received {
  const wanted = `sha256=${createHmac('sha256', SECRET).update(`${headers['x-medley-timestamp']}.${text}`).digest('hex')}`;
  if (headers['x-medley-signature'] !== wanted || headers['content-type'] !== 'application/json') throw new Error('not signed as it must be');
  const body = JSON.parse(text) as Received['body'];
  return { body, delivery: String(headers['x-medley-delivery']), sequences: body.changes.map(({ sequence }) => Number(sequence)) };
}
