import { join } from 'node:path';
import { loadConfig } from '@medley/config/load';
import type { MedleyConfig } from '@medley/config/schema';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { CommonOptions } from './options.ts';
import { tellFailure, tellOutcome } from './tell.ts';

const COMMAND = 'config check';

/** `medley config check`: every mistake of the configuration, or a few lines of what it says, without secrets. */
export async function checkConfig(options: CommonOptions): Promise<ExitCode> {
  try {
    const report = describeConfig(await loadConfig(options.config, process.env));
    const lines = ['the configuration is good', ...Object.entries(report).map(([key, value]) => `  ${key.padEnd(12)}${String(value)}`)];
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
  };
}

function describeMetadata({ metadata, data_dir: folder }: MedleyConfig): string {
  return metadata.kind === 'sqlite' ? `sqlite in ${join(folder, 'metadata')}` : `mongodb, database ${metadata.database}`;
}

function describeStorage({ storage, data_dir: folder }: MedleyConfig): string {
  if (storage.kind === 'filesystem') return `files in ${join(folder, 'blobs')}`;
  // Only the origin: a URL can carry a password.
  return `s3, bucket ${storage.bucket} at ${new URL(storage.endpoint).origin}`;
}
