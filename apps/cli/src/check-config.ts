import { join } from 'node:path';
import { loadConfig } from '@medley/config/load';
import { placesOf } from '@medley/config/own-stores';
import type { MedleyConfig } from '@medley/config/schema';
import { COMMON_STORE } from '@medley/domain/store-name';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { CommonOptions } from './options.ts';
import { tellFailure, tellOutcome } from './tell.ts';

const COMMAND = 'config check';

/** `medley config check`: every mistake of the configuration, or a few lines of what it says, without secrets. */
export async function checkConfig(options: CommonOptions): Promise<ExitCode> {
  try {
    const report = describeConfig(await loadConfig(options.config, process.env));
    const lines = ['the configuration is good', ...Object.entries(report).map(([key, value]) => `  ${key.padEnd(11)} ${String(value)}`)];
    tellOutcome(COMMAND, { report, lines, exitCode: EXIT.ok }, options);
    return EXIT.ok;
  } catch (error) {
    return tellFailure(COMMAND, error, options);
  }
}

function describeConfig(config: MedleyConfig): Readonly<Record<string, string>> {
  const { homeservers, listen, metrics } = config;
  return {
    homeservers: homeservers.map((homeserver) => homeserver.server_name).join(', '),
    listen: `http://${listen.host}:${listen.port}`,
    metrics: `http://${metrics.host}:${metrics.port}`,
    records: describeMetadata(config),
    bytes: describeStorage(config),
    ...describeOwnStores(config),
  };
}

function describeMetadata({ metadata, data_dir: folder }: MedleyConfig): string {
  return metadata.kind === 'sqlite' ? `sqlite in ${join(folder, 'metadata')}` : `mongodb, database ${metadata.database}`;
}

function describeStorage({ storage, data_dir: folder }: MedleyConfig): string {
  if (storage.kind === 'filesystem') return `files in ${join(folder, 'blobs')}`;
  // Only the origin: a URL can carry a password.
  return `s3, ${toText(storage)} at ${new URL(storage.endpoint).origin}`;
}

/** One line for each tenant whose uploads lie apart. */
function describeOwnStores(config: MedleyConfig): Readonly<Record<string, string>> {
  const own = [...placesOf(config)].filter(([name]) => name !== COMMON_STORE);
  return Object.fromEntries(own.map(([name, place]) => [`bytes of ${name}`, place.kind === 's3' ? `s3, ${toText(place)}` : `files in ${place.path}`]));
}

function toText({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }): string {
  return `bucket ${bucket}${prefix === '' ? '' : `, prefix ${prefix}`}`;
}
