import { loadConfig } from '@medley/config/load';
import type { MedleyConfig } from '@medley/config/schema';

type Env = Readonly<NodeJS.ProcessEnv>;

/** A configuration, and how another process comes to the same. */
export interface ConfigSource {
  readonly config: MedleyConfig;
  readonly path: string | undefined;
  readonly env: Env;
}

/** Whoever runs `npm start` without a configuration has this one; a name is all that it needs to be one. */
const TRY_OUT = { MEDLEY_HOMESERVERS: '[{ server_name: localhost }]' };

/** Reads the configuration of the services; where nothing is configured at all, that of a try-out. Throws ConfigError. */
export async function readCliConfig(path: string | undefined, given: Env): Promise<ConfigSource> {
  const isTryOut = path === undefined && !Object.keys(given).some((name) => name.startsWith('MEDLEY_HOMESERVERS'));
  const env = isTryOut ? { ...given, ...TRY_OUT } : given;
  return { config: await loadConfig(path, env), path, env };
}
