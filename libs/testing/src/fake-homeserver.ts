import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KEYS_PATH, RemoteKeys } from './fake-remote-keys.ts';

/** Somebody whom the homeserver knows. */
export interface Account {
  readonly userId: string;
  readonly token: string;
}

/** What the homeserver knows of a room's media, as mxc URIs. */
export interface RoomMedia {
  readonly local: readonly string[];
  readonly remote: readonly string[];
}

/** One question that the homeserver was asked. */
export interface WhoamiCall {
  readonly token: string;
  readonly query: URLSearchParams;
}

/** `failing` answers 500, `hanging` never answers, `babbling` answers 200 with what is no JSON. */
export type Manners = 'well' | 'failing' | 'hanging' | 'babbling';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: OutgoingHttpHeaders;
}

type Answerer = (query: URLSearchParams) => Answer;

const WHOAMI = '/_matrix/client/v3/account/whoami';
const VERSIONS = '/_matrix/client/versions';
const SUSPEND = /^\/_matrix\/client\/v1\/admin\/(suspend)\/([^/]+)()$/;
const SYNAPSE_ADMIN = /^\/_synapse\/admin\/v[12]\/(users|room)\/([^/]+)(\/admin|\/media|)$/;

/**
 * A homeserver on 127.0.0.1 with accounts made as a test goes: it answers `whoami`, and to its admins as Synapse does who
 * is an admin, who is a user, and which media a room has, and as Matrix does who is suspended. To other servers it tells its keys.
 */
export class FakeHomeserver implements AsyncDisposable {
  readonly serverName: string;
  /** What its server signs requests to other servers with. */
  readonly keys: RemoteKeys;
  /** Every whoami call that came, also those it did not answer well. */
  readonly calls: WhoamiCall[] = [];
  /** The paths, decoded, of all that was asked of Synapse's admin API. */
  readonly adminCalls: string[] = [];
  manners: Manners = 'well';
  /** Whether it has Synapse's admin API. */
  isSynapse = true;
  /** What it says it speaks, to whoever asks. */
  versions: readonly string[] = ['r0.6.1', 'v1.1', 'v1.17'];
  /** How often it was asked for these. */
  versionsAsked = 0;
  /** The user ids of those who are suspended. */
  readonly suspended = new Set<string>();
  readonly #users = new Set<string>();
  readonly #admins = new Set<string>();
  readonly #roomMedia = new Map<string, RoomMedia>();
  readonly #answerers = new Map<string, Answerer>();
  readonly #server: Server;
  #port = 0;
  #accountCount = 0;

  private constructor(serverName: string) {
    this.serverName = serverName;
    this.keys = new RemoteKeys(serverName);
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(serverName: string): Promise<FakeHomeserver> {
    const homeserver = new FakeHomeserver(serverName);
    await homeserver.open();
    return homeserver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A new user, or one of that name. */
  addUser(localpart?: string): Account {
    return this.#add(localpart ?? `user${this.#accountCount + 1}`, (userId) => ({ user_id: userId, device_id: 'DEVICE' }));
  }

  /** A user whom it calls an admin. */
  addAdmin(localpart?: string): Account {
    const account = this.addUser(localpart);
    this.#admins.add(account.userId);
    return account;
  }

  /** Says from now on that a room has just this media. */
  setRoomMedia(roomId: string, media: RoomMedia): void {
    this.#roomMedia.set(roomId, media);
  }

  addGuest(): Account {
    return this.#add(`guest${this.#accountCount + 1}`, (userId) => ({ user_id: userId, device_id: 'DEVICE', is_guest: true }));
  }

  /** An appservice that may act as every user of this server whose localpart begins with `<localpart>_`, from no device but `BRIDGE`. */
  addAppservice(localpart: string): Account {
    const account = this.addUser(localpart);
    this.#answerers.set(account.token, (query) => {
      const userId = query.get('user_id') ?? account.userId;
      const deviceId = query.get('device_id') ?? query.get('org.matrix.msc3202.device_id');
      const isOwn = userId === account.userId || (userId.startsWith(`@${localpart}_`) && userId.endsWith(`:${this.serverName}`));
      if (!isOwn) return refusal(403, 'M_FORBIDDEN', 'Application service cannot masquerade as this user');
      if (deviceId !== null && deviceId !== 'BRIDGE') return refusal(400, 'M_UNKNOWN_DEVICE', 'No such device');
      return { status: 200, body: { user_id: userId, ...(deviceId === null ? {} : { device_id: deviceId }) } };
    });
    return account;
  }

  /** A token that is answered with just this. */
  addRefused(status: number, body: Readonly<Record<string, unknown>>, headers: OutgoingHttpHeaders = {}): string {
    const { token } = this.addUser();
    this.refuse(token, status, body, headers);
    return token;
  }

  /** From now on a token is answered with just this. */
  refuse(token: string, status: number, body: Readonly<Record<string, unknown>>, headers: OutgoingHttpHeaders = {}): void {
    this.#answerers.set(token, () => ({ status, body, headers }));
  }

  /** Logs a token out. */
  revoke(token: string): void {
    this.#answerers.delete(token);
  }

  callsOf(token: string): readonly WhoamiCall[] {
    return this.calls.filter((call) => call.token === token);
  }

  /** Listens again after `close`, on the same port. */
  async open(): Promise<void> {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** From now on connections are refused. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #add(localpart: string, answer: (userId: string) => Record<string, unknown>): Account {
    this.#accountCount += 1;
    const userId = `@${localpart}:${this.serverName}`;
    this.#users.add(userId);
    const token = `token-${this.#accountCount}-${crypto.randomUUID()}`;
    this.#answerers.set(token, () => ({ status: 200, body: answer(userId) }));
    return { userId, token };
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    if (pathname === KEYS_PATH) return this.keys.publish(request, response);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const question = SUSPEND.exec(pathname) ?? (this.isSynapse ? SYNAPSE_ADMIN.exec(pathname) : null);
    if (question !== null) this.adminCalls.push(decodeURIComponent(pathname));
    else if (pathname === WHOAMI) this.calls.push({ token, query: searchParams });
    else if (pathname === VERSIONS) this.versionsAsked += 1;
    else return send(response, refusal(404, 'M_UNRECOGNIZED', 'Unrecognized request'));
    if (this.manners === 'hanging') return undefined;
    if (this.manners === 'failing') return send(response, refusal(500, 'M_UNKNOWN', 'Internal server error'));
    if (this.manners === 'babbling') return void response.end('<html>Welcome to nginx!</html>');
    if (pathname === VERSIONS) return send(response, { status: 200, body: { versions: this.versions } });
    const account = this.#answerers.get(token)?.(searchParams) ?? UNKNOWN_TOKEN;
    if (question === null || account.status !== 200) return send(response, account);
    if (!this.#admins.has(String(account.body['user_id']))) return send(response, refusal(403, 'M_FORBIDDEN', 'You are not a server admin'));
    return send(response, this.#answerAdmin(`${question[1]}${question[3]}`, decodeURIComponent(question[2] ?? '')));
  }

  #answerAdmin(question: string, id: string): Answer {
    const isUser = this.#users.has(id);
    if (!isUser && (question === 'users' || question === 'suspend')) return refusal(404, 'M_NOT_FOUND', 'User not found');
    if (question === 'users') return { status: 200, body: { name: id, suspended: this.suspended.has(id) } };
    if (question === 'suspend') return { status: 200, body: { suspended: this.suspended.has(id) } };
    if (question === 'users/admin') return { status: 200, body: { admin: this.#admins.has(id) } };
    if (question === 'room/media') return { status: 200, body: { local: [], remote: [], ...this.#roomMedia.get(id) } };
    return refusal(404, 'M_UNRECOGNIZED', 'Unrecognized request');
  }
}

const UNKNOWN_TOKEN: Answer = {
  status: 401,
  body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Invalid access token passed.', soft_logout: false },
};

function refusal(status: number, errcode: string, error: string): Answer {
  return { status, body: { errcode, error } };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
