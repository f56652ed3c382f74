import { Agent } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { FakeHomeserver, type Account } from '@medley/testing/fake-homeserver';
import { makeTempDir } from '@medley/testing/temp-dir';
import { BlobReader } from './blob-reader.ts';
import { MediaUser } from './media-user.ts';
import { findPorts, type Ports } from './ports.ts';
import { embeddedStores, type Stores } from './stores.ts';

/** Parts of the configuration file, as an operator would write them. */
export type Config = Readonly<Record<string, unknown>>;

export interface SiteOptions {
  /** Default: embedded ones. Disposed of with the site. */
  readonly stores?: Stores;
  readonly config?: Config;
  /** Default: `SERVER_NAME`. */
  readonly serverName?: string;
}

export const SERVER_NAME = 'e2e.example';
/** What the homeserver shows when it pushes events. */
export const HS_TOKEN = 'e2e-hs-token';
/** What the services show each other. */
export const GRPC_TOKEN = 'e2e-grpc-token';

/** What one Medley needs around it: ports, a folder, a configuration file, stores, and a homeserver with users. */
export class Site implements AsyncDisposable {
  readonly ports: Ports;
  readonly homeserver: FakeHomeserver;
  readonly configPath: string;
  /** Keeps connections, as browsers do. */
  readonly agent = new Agent({ keepAlive: true });
  readonly blobs: BlobReader;
  readonly #stores: Stores;
  readonly #folder: string;
  readonly #owned: AsyncDisposableStack;

  private constructor(parts: { ports: Ports; homeserver: FakeHomeserver; stores: Stores; folder: string; owned: AsyncDisposableStack }) {
    this.ports = parts.ports;
    this.homeserver = parts.homeserver;
    this.#stores = parts.stores;
    this.#folder = parts.folder;
    this.#owned = parts.owned;
    this.configPath = join(parts.folder, 'medley.yaml');
    this.blobs = new BlobReader(`127.0.0.1:${parts.ports.storage}`, GRPC_TOKEN);
  }

  static async open({ stores = embeddedStores(), config = {}, serverName = SERVER_NAME }: SiteOptions = {}): Promise<Site> {
    await using stack = new AsyncDisposableStack();
    stack.use(stores);
    const { path: folder } = stack.use(await makeTempDir());
    const homeserver = stack.use(await FakeHomeserver.start(serverName));
    const site = new Site({ ports: await findPorts(), homeserver, stores, folder, owned: stack.move() });
    await site.configure(config);
    return site;
  }

  get serverName(): string {
    return this.homeserver.serverName;
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  /** Where a Medley on this site keeps what it does not keep on servers. */
  get dataFolder(): string {
    return join(this.#folder, 'data');
  }

  /** The parts of the configuration that say where records and bytes are. */
  get storesConfig(): Stores['config'] {
    return this.#stores.config;
  }

  /** Calls the metadata service past the gateway; to be closed. */
  connectMetadata(): ConnectedClient<typeof MetadataServiceDefinition> {
    return connectService(MetadataServiceDefinition, { address: `127.0.0.1:${this.ports.metadata}`, token: GRPC_TOKEN });
  }

  /** Calls the storage service past the gateway; to be closed. */
  connectStorage(): ConnectedClient<typeof StorageServiceDefinition> {
    return connectService(StorageServiceDefinition, { address: `127.0.0.1:${this.ports.storage}`, token: GRPC_TOKEN });
  }

  /** Writes the configuration file anew; programs that start from now on read it. */
  async configure(config: Config): Promise<void> {
    // JSON is YAML.
    await writeFile(this.configPath, JSON.stringify(overlay(this.#baseConfig(), config), null, 2));
  }

  /** Somebody new, so that no test meets the limits of another. */
  user(account: Account = this.homeserver.addUser()): MediaUser {
    return new MediaUser(this, account);
  }

  guest(): MediaUser {
    return this.user(this.homeserver.addGuest());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.agent.destroy();
    await this.#owned.disposeAsync();
  }

  #baseConfig(): Config {
    const at = (port: number): string => `127.0.0.1:${port}`;
    const { serverName, url, keys } = this.homeserver;
    const { http, metadata, storage, thumbnail, 'url-preview': urlPreview, 'federation-fetch': federationFetch, data, metrics } = this.ports;
    return {
      listen: { host: '127.0.0.1', port: http },
      data_dir: this.dataFolder,
      homeservers: [{ server_name: serverName, client_api: url, signing_key: keys.signingKey, appservice: { hs_token: HS_TOKEN } }],
      ...this.#stores.config,
      grpc: {
        metadata: at(metadata), storage: at(storage), thumbnail: at(thumbnail), url_preview: at(urlPreview), federation_fetch: at(federationFetch),
        token: GRPC_TOKEN,
      },
      data_port: { listen: at(data) },
      metrics: { host: '127.0.0.1', port: metrics },
    };
  }
}

/** Lays `parts` over `base`, section by section. */
function overlay(base: Config, parts: Config): Config {
  const merged = Object.entries(parts).map(([name, part]) => [name, isSection(part) ? { ...sectionOf(base[name]), ...part } : part]);
  return { ...base, ...Object.fromEntries(merged) };
}

function sectionOf(value: unknown): object {
  return isSection(value) ? value : {};
}

function isSection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
