import { realServicesFingerprint } from './fingerprint.ts';
import { acquireMongoDb } from './mongodb.ts';
import { acquireS3 } from './s3.ts';
import { toS3Url } from './s3-location.ts';
import { isUnavailable } from './unavailable.ts';

/** One pair of servers for a command and all its children. Disposing of it ends those that were started here. */
export interface SharedServices extends AsyncDisposable {
  /** The environment to give to the command: the old one, with the servers' addresses. */
  readonly env: NodeJS.ProcessEnv;
  /** Why something cannot be had, one line for each service that is missing. */
  readonly missing: readonly string[];
}

/**
 * Starts, or takes from `env`, a MongoDB and an S3 server to share, building them first if need be; `onProgress` is told what takes
 * long. The command's processes find them by `acquireMongoDb` and `acquireS3`, and build nothing by themselves.
 */
export async function openSharedServices(
  env: NodeJS.ProcessEnv,
  onProgress: (message: string) => void,
): Promise<SharedServices> {
  await using stack = new AsyncDisposableStack();
  const shared: NodeJS.ProcessEnv = { ...env, MEDLEY_TEST_INSTALL: '0' };
  const missing: string[] = [];

  const mongodb = await acquireMongoDb({ env, onBuild: onProgress });
  if (isUnavailable(mongodb)) missing.push(mongodb.unavailable);
  else shared['MEDLEY_TEST_MONGODB_URI'] = stack.use(mongodb).uri;

  const s3 = await acquireS3({ env, onBuild: onProgress });
  if (isUnavailable(s3)) missing.push(s3.unavailable);
  else shared['MEDLEY_TEST_S3_URL'] = toS3Url(stack.use(s3));

  // Told of the addresses as they came in: those of servers started here differ from run to run.
  shared['MEDLEY_TEST_REAL'] = await realServicesFingerprint({ ...env, MEDLEY_TEST_INSTALL: '0' });

  const owned = stack.move();
  return { env: shared, missing, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
