import type { MxcUri } from '@medley/domain/mxc-uri';
import { newAdmin } from '../endpoints/admin/admin-calls.ts';
import type { MediaUser } from '../harness/media-user.ts';
import { Site, type Config } from '../harness/site.ts';
import { startProgram, stopProgram } from '../harness/system.ts';
import { TlsFront } from '../harness/tls-front.ts';
import { FEDERATING } from './serving-scene.ts';

/** A Medley that others reach by its name, as they reach its homeserver. */
export interface FederatedMedley extends AsyncDisposable {
  readonly site: Site;
  /** What its server name leads to. */
  readonly front: TlsFront;
  readonly user: MediaUser;
  readonly admin: MediaUser;
}

/** `config` lies over what all have. */
export async function startFederated(config: Config = {}): Promise<FederatedMedley> {
  await using stack = new AsyncDisposableStack();
  const front = stack.use(await TlsFront.start());
  const site = stack.use(await Site.open({ serverName: front.serverName, config: { ...FEDERATING, ...config } }));
  lead(front, site);
  const program = await startProgram('one-process', site);
  stack.defer(() => stopProgram(program));
  const owned = stack.move();
  return { site, front, user: site.user(), admin: newAdmin(site), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Lets a front lead to a site as operators' proxies do: media to Medley, keys to the homeserver. */
export function lead(front: TlsFront, { ports: { http }, homeserver }: Site): void {
  const media = ['/_matrix/federation/v1/media/', '/_matrix/client/v1/media/', '/_matrix/media/'].map((prefix) => [prefix, http]);
  front.route({ ...Object.fromEntries(media), '/_matrix/key/': Number(new URL(homeserver.url).port) });
}

/** How often other servers asked for a media. */
export function askedCount({ front }: FederatedMedley, kind: 'download' | 'thumbnail', { mediaId }: MxcUri): number {
  return front.countOf(`/_matrix/federation/v1/media/${kind}/${mediaId}`);
}
