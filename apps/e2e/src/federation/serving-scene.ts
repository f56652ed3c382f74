import type { OutgoingHttpHeaders } from 'node:http';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { FakeRemote } from '@medley/testing/fake-remote';
import { REMOTE_AUTHORITY } from '@medley/testing/fake-remote-certificates';
import { newAdmin } from '../endpoints/admin/admin-calls.ts';
import { call, type Answer } from '../harness/http-call.ts';
import type { MediaUser } from '../harness/media-user.ts';
import { Site, type Config } from '../harness/site.ts';
import type { Stores } from '../harness/stores.ts';
import { startProgram, stopProgram } from '../harness/system.ts';

/** How many requests to one server a Medley has under way. */
export const MAX_UNDER_WAY = 4;

/** How Medleys that federate on this machine are configured; they wait for long, since tests end that. */
export const FEDERATING = {
  federation: {
    ca: REMOTE_AUTHORITY, allowed_networks: ['127.0.0.1/32'], not_found_lifetime: '100ms', timeout: '5s', max_concurrent_per_server: MAX_UNDER_WAY,
  },
  downloads: { max_wait: '30s' },
} satisfies Config;

/** The other tenant of a scene's Medley; its one user has a token of the configuration. */
export const SECOND = { serverName: 'second.example', host: 'media.second.example', account: { userId: '@user:second.example', token: 'second-token' } };

/** A Medley of two tenants, six processes, and another server that asks it. */
export interface ServingScene extends AsyncDisposable {
  readonly site: Site;
  readonly user: MediaUser;
  readonly admin: MediaUser;
  readonly remote: FakeRemote;
}

/** Takes the stores over; default: embedded ones. */
export async function startServing(stores?: Stores): Promise<ServingScene> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await Site.open(stores && { stores }));
  const { serverName, homeserver: { url, keys } } = site;
  const second = { server_name: SECOND.serverName, hosts: [SECOND.host], static_tokens: [{ token: SECOND.account.token, user_id: SECOND.account.userId }] };
  await site.configure({
    ...FEDERATING,
    homeservers: [{ server_name: serverName, hosts: ['127.0.0.1'], client_api: url, signing_key: keys.signingKey }, second],
  });
  const remote = stack.use(await FakeRemote.start());
  const program = await startProgram('services', site);
  stack.defer(() => stopProgram(program));
  const owned = stack.move();
  return { site, user: site.user(), admin: newAdmin(site), remote, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export interface AskOptions {
  readonly method?: string;
  /** Default: the scene's first tenant. */
  readonly destination?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Who asks. Default: the scene's remote. */
  readonly remote?: Pick<FakeRemote, 'keys'>;
}

/** Asks as another server does: signed, with just this target. */
export function ask({ site, remote: asking }: Pick<ServingScene, 'site' | 'remote'>, uri: string, options: AskOptions = {}): Promise<Answer> {
  const { method = 'GET', destination = site.serverName, headers = {}, remote = asking } = options;
  const authorization = remote.keys.authorize({ method, uri, destination });
  return call({ port: site.ports.http, agent: site.agent }, uri, { method, headers: { authorization, ...headers } });
}

const MEDIA = '/_matrix/federation/v1/media';

export function servedDownload({ mediaId }: MxcUri, query = ''): string {
  return `${MEDIA}/download/${mediaId}${query}`;
}

export function servedThumbnail({ mediaId }: MxcUri, query: string): string {
  return `${MEDIA}/thumbnail/${mediaId}?${query}`;
}
