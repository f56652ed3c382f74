import { resolve } from 'node:path';
import { ConfigError } from '@medley/config/load';
import { placesOf } from '@medley/config/own-stores';
import type { GrpcConfig, MedleyConfig } from '@medley/config/schema';
import type { StoreName } from '@medley/domain/store-name';
import { parseListenAddress, type ListenAddress } from './data/listen-address.ts';

/** The storage service's part of the configuration. */
export interface StorageConfig {
  readonly store: StoreConfig;
  readonly grpc: Pick<GrpcConfig, 'listen' | 'token' | 'tls'>;
  readonly dataPort: { readonly listen: ListenAddress; readonly advertise: string | undefined; readonly tls: GrpcConfig['tls'] };
  /** How long a blob that was found whole is believed to be. */
  readonly verifyAgainAfterMs: number;
  readonly uploadStallMs: number;
  readonly downloadStallMs: number;
}

export type StoreConfig = FolderConfig | S3Config;

export interface FolderConfig {
  readonly kind: 'filesystem';
  /** The absolute paths of all stores. */
  readonly folders: ReadonlyMap<StoreName, string>;
  readonly isShared: boolean;
  /** So much of the disk of each stays free. */
  readonly minFreeBytes: number;
}

export interface S3Config {
  readonly kind: 's3';
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Where all stores lie. */
  readonly places: ReadonlyMap<StoreName, { readonly bucket: string; readonly prefix: string }>;
  readonly partBytes: number;
  readonly uploadMemoryBytes: number;
  readonly uploadWaitMs: number;
  readonly publicEndpoint: string | undefined;
}

export function toStorageConfig(config: MedleyConfig): StorageConfig {
  return {
    store: toStoreConfig(config),
    grpc: config.grpc,
    dataPort: toDataPort(config),
    verifyAgainAfterMs: config.storage.verify_again_after,
    uploadStallMs: config.uploads.stall_timeout,
    downloadStallMs: config.downloads.stall_timeout,
  };
}

function toDataPort({ data_port: { listen, advertise }, grpc: { tls } }: MedleyConfig): StorageConfig['dataPort'] {
  const protocol = tls === undefined ? 'http:' : 'https:';
  if (advertise !== undefined && new URL(advertise).protocol !== protocol) {
    throw new ConfigError([`data_port.advertise: must begin with ${protocol}//, as grpc.tls is ${tls === undefined ? 'not ' : ''}configured`]);
  }
  return { listen: toListenAddress('data_port.listen', listen), advertise, tls };
}

function toListenAddress(key: string, text: string): ListenAddress {
  try {
    return parseListenAddress(text);
  } catch (error) {
    throw new ConfigError([`${key}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function toStoreConfig(config: MedleyConfig): StoreConfig {
  const { storage, uploads } = config;
  if (storage.kind === 'filesystem') return { kind: 'filesystem', folders: toFolders(config), isShared: storage.shared, minFreeBytes: storage.min_free };
  return {
    kind: 's3',
    endpoint: storage.endpoint,
    region: storage.region,
    accessKey: storage.access_key,
    secretKey: storage.secret_key,
    places: new Map([...placesOf(config)].flatMap(([name, place]) => (place.kind === 's3' ? [[name, place]] : []))),
    partBytes: storage.part_bytes,
    uploadMemoryBytes: storage.upload_memory,
    uploadWaitMs: uploads.stall_timeout,
    publicEndpoint: storage.public_endpoint,
  };
}

function toFolders(config: MedleyConfig): ReadonlyMap<StoreName, string> {
  return new Map([...placesOf(config)].flatMap(([name, place]) => (place.kind === 'filesystem' ? [[name, resolve(place.path)]] : [])));
}
