import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { parseStoreName, type StoreName } from '@medley/domain/store-name';
import { FakeHomeserver } from '@medley/testing/fake-homeserver';
import { WEB_NETWORK } from '@medley/testing/scripted-web';
import { MedleyApi } from '../endpoints/medley/medley-api.ts';
import { REMOTE_CONFIG } from '../federation/remote-scene.ts';
import { HostUser } from '../harness/host-user.ts';
import type { S3Access } from '../harness/s3-listing.ts';
import { Site, type Config } from '../harness/site.ts';
import type { Stores } from '../harness/stores.ts';
import { bytesOf, digestOf, inBucket, inFolder, type BytesOnDisk } from '../maintenance/bytes-on-disk.ts';
import { MAINTENANCE_CONFIG } from '../maintenance/config.ts';

/** `a` shares the common store; `b` and `c` have stores of their own: other folders, or another bucket and another prefix. */
export const TENANT_NAMES = ['a', 'b', 'c'] as const;
export type TenantName = (typeof TENANT_NAMES)[number];

/** What an operator says of one homeserver, besides its name, its address and its key. */
export type Said = Readonly<Record<string, unknown>>;
export type SaidOfEach = Partial<Record<TenantName, Said>>;

const PREFIX = 'c/';
/** Larger than what gateways keep in memory, so that every look at it goes to its store. */
export const LARGE_BYTES = 200_000;

/** One homeserver of a Medley with three. */
export interface Tenant {
  readonly homeserver: FakeHomeserver;
  readonly serverName: string;
  /** The name of the store into which its users' uploads go. */
  readonly store: StoreName;
  /** What lies there, past the storage service. */
  readonly disk: BytesOnDisk;
  /** What of `homeservers[].storage` gives it that store. */
  readonly place: Said | undefined;
  user(): HostUser;
  admin(): HostUser;
}

/** A Medley of three homeservers; nothing runs yet. */
export interface TenantSite extends AsyncDisposable {
  readonly site: Site;
  readonly tenants: Readonly<Record<TenantName, Tenant>>;
  /** Writes the configuration anew: `said` of each homeserver, and what lies over all of it. */
  configure(said: SaidOfEach, config?: Config): Promise<void>;
}

/** Makes the surroundings; takes the stores over. Default: embedded ones. */
export async function openTenants(stores?: Stores): Promise<TenantSite> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await Site.open({ serverName: 'a.example', ...(stores && { stores }) }));
  const [b, c] = [stack.use(await FakeHomeserver.start('b.example')), stack.use(await FakeHomeserver.start('c.example'))];
  const tenants = { a: makeTenant(site, site.homeserver), b: makeTenant(site, b, placeOfB(site)), c: makeTenant(site, c, placeOfC(site)) };
  const configure: TenantSite['configure'] = (said, config = {}) => site.configure({
    ...MAINTENANCE_CONFIG,
    ...REMOTE_CONFIG,
    uploads: {},
    url_previews: { ports: 'any', allowed_networks: [WEB_NETWORK], timeout: '3s' },
    homeservers: TENANT_NAMES.map((name) => ({ ...describe(tenants[name]), ...said[name] })),
    ...config,
  });
  const owned = stack.move();
  return { site, tenants, configure, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** How many names in each store have to do with these bytes: themselves, and thumbnails of them. Stores without any are left out. */
export async function whereIs({ tenants }: Pick<TenantSite, 'tenants'>, bytes: Uint8Array): Promise<Partial<Record<TenantName, number>>> {
  const digest = digestOf(bytes);
  const found: Partial<Record<TenantName, number>> = {};
  for (const name of TENANT_NAMES) {
    const count = (await tenants[name].disk.names()).filter((path) => path.includes(digest)).length;
    if (count > 0) found[name] = count;
  }
  return found;
}

/** Medley's own API as an admin of this tenant calls it. */
export function apiOf(site: Site, tenant: Tenant): MedleyApi {
  return new MedleyApi(site, tenant.admin());
}

/** How S3 is reached for the bucket of `b`. Fails where the stores are folders. */
export function bucketOfB(site: Site): S3Access {
  const access = commonBucket(site);
  assert.ok(access !== undefined);
  return { ...access, bucket: `${access.bucket}-b` };
}

function makeTenant(site: Site, homeserver: FakeHomeserver, own?: { readonly place: Said; readonly disk: BytesOnDisk }): Tenant {
  const { serverName } = homeserver;
  return {
    homeserver,
    serverName,
    store: parseStoreName(own === undefined ? '' : serverName),
    disk: own?.disk ?? bytesOf(site),
    place: own?.place,
    user: () => new HostUser(site, homeserver.addUser(), serverName),
    admin: () => new HostUser(site, homeserver.addAdmin(), serverName),
  };
}

function describe({ homeserver: { serverName, url, keys } }: Tenant): Said {
  return { server_name: serverName, client_api: url, signing_key: keys.signingKey };
}

function placeOfB(site: Site): { readonly place: Said; readonly disk: BytesOnDisk } {
  if (commonBucket(site) === undefined) return ownFolder(site, 'own-b');
  const access = bucketOfB(site);
  return { place: { bucket: access.bucket }, disk: inBucket(access) };
}

function placeOfC(site: Site): { readonly place: Said; readonly disk: BytesOnDisk } {
  const access = commonBucket(site);
  return access === undefined ? ownFolder(site, 'own-c') : { place: { prefix: PREFIX }, disk: inBucket(access, PREFIX) };
}

/** The folder of `b`, where the stores are folders. */
export function folderOfB(site: Site): string {
  return join(dirname(site.configPath), 'own-b');
}

function ownFolder(site: Site, name: string): { readonly place: Said; readonly disk: BytesOnDisk } {
  const path = join(dirname(site.configPath), name);
  return { place: { path }, disk: inFolder(path) };
}

function commonBucket(site: Site): S3Access | undefined {
  const { storage } = site.storesConfig;
  return 'bucket' in storage ? (storage as S3Access) : undefined;
}
