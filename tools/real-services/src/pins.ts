import { homedir } from 'node:os';
import { join } from 'node:path';

/** A program that is built from a pinned Go module. The folder `NAME/` pins all that goes into it. */
export interface Pin {
  readonly name: string;
  /** Part of the cached program's path: a change to its folder must change it too, if only by a suffix. */
  readonly version: string;
  /** The Go package of its main function, as seen from its folder. */
  readonly package: string;
  /** Where the folder `NAME/` with its go.mod lies, ending in a slash. Default: `go/` of this project. */
  readonly modules?: URL;
}

/** Speaks MongoDB's wire protocol, and keeps its data in SQLite files. The last version that has that backend. */
export const FERRETDB: Pin = { name: 'ferretdb', version: '1.24.2', package: '.' };

/** Speaks S3. The last commit before its upstream stopped. */
export const MINIO: Pin = {
  name: 'minio',
  version: '0.0.0-20260212201848-7aac2a2c5b7c',
  package: 'github.com/minio/minio',
};

/** The folder that holds the built program: `$XDG_CACHE_HOME/medley/real-services/NAME-VERSION`. */
export function installFolder(pin: Pin, env: NodeJS.ProcessEnv): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'medley', 'real-services', `${pin.name}-${pin.version}`);
}

/** The path of the built program inside its folder. */
export function installedProgram(pin: Pin, env: NodeJS.ProcessEnv): string {
  return join(installFolder(pin, env), pin.name);
}
