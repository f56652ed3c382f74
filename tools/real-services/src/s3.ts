import { randomBytes } from 'node:crypto';
import { type InstallOptions, ensureInstalled } from './install.ts';
import { type LocalServer, openLocalServer } from './local-server.ts';
import { MINIO } from './pins.ts';
import { type S3Location, parseS3Url } from './s3-location.ts';
import { type Unavailable, isUnavailable } from './unavailable.ts';

const HEALTH_LIMIT_MS = 2_000;

/** An S3 server that is shared with others: name your buckets uniquely, beginning with `bucketPrefix`. */
export interface S3 extends S3Location, AsyncDisposable {
  readonly kind: 'env' | 'minio';
}

/** A server of one's own, which may be stopped and started again at the same endpoint. */
export interface OwnS3 extends LocalServer, S3 {
  readonly kind: 'minio';
}

/**
 * Answers with the server that `MEDLEY_TEST_S3_URL` names (see `parseS3Url` for its form), else with a new one as `startS3` does.
 * Disposing of a named server leaves it alone. Throws if the variable cannot be understood.
 */
export async function acquireS3(options?: Partial<InstallOptions>): Promise<S3 | OwnS3 | Unavailable> {
  const url = (options?.env ?? process.env)['MEDLEY_TEST_S3_URL'];
  if (url === undefined || url === '') return startS3(options);
  return { kind: 'env', ...parseS3Url(url), [Symbol.asyncDispose]: async () => {} };
}

/** Starts a MinIO for the caller alone, whatever the environment names: for tests that stop it. */
export async function startS3(options?: Partial<InstallOptions>): Promise<OwnS3 | Unavailable> {
  const env = options?.env ?? process.env;
  const installed = await ensureInstalled(MINIO, { ...options, env });
  if (isUnavailable(installed)) return { unavailable: `no S3 to test with: ${installed.unavailable}` };
  const accessKey = 'medley-test';
  const secretKey = randomBytes(16).toString('hex');
  const server = await openLocalServer({
    name: MINIO.name,
    command: installed.program,
    args: minioArgs,
    env: {
      PATH: env['PATH'],
      MINIO_ROOT_USER: accessKey,
      MINIO_ROOT_PASSWORD: secretKey,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
    },
    isReady: isHealthy,
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  return { ...server, kind: 'minio', endpoint, accessKey, secretKey, region: 'us-east-1', bucketPrefix: '' };
}

function minioArgs(dataFolder: string, port: number): string[] {
  const certificates = `--certs-dir=${dataFolder}/certs`;
  return ['server', `${dataFolder}/data`, '--address', `127.0.0.1:${port}`, certificates, '--quiet'];
}

async function isHealthy(port: number): Promise<boolean> {
  // The `live` path answers before the object layer can take requests; this one waits for it.
  const response = await fetch(`http://127.0.0.1:${port}/minio/health/cluster`, { signal: AbortSignal.timeout(HEALTH_LIMIT_MS) });
  await response.body?.cancel();
  return response.ok;
}
