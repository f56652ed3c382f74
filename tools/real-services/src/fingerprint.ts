import { createHash } from 'node:crypto';
import { isInstallable } from './install.ts';
import { FERRETDB, MINIO, type Pin } from './pins.ts';

/**
 * One line that says which real services tests would meet in this environment, the same for every port and run: part of what a
 * cached test result depends on. Named servers appear as a digest of their address, since that holds a password.
 */
export async function realServicesFingerprint(env: NodeJS.ProcessEnv): Promise<string> {
  const given = env['MEDLEY_TEST_REAL'];
  if (given !== undefined && given !== '') return given;
  const mongodb = await describeOne(FERRETDB, env['MEDLEY_TEST_MONGODB_URI'], env);
  return `mongodb: ${mongodb}; s3: ${await describeOne(MINIO, env['MEDLEY_TEST_S3_URL'], env)}`;
}

async function describeOne(pin: Pin, address: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  if (address !== undefined && address !== '') return createHash('sha256').update(address).digest('hex').slice(0, 16);
  return (await isInstallable(pin, env)) ? `${pin.name} ${pin.version}` : 'none';
}

if (import.meta.main) process.stdout.write(`${await realServicesFingerprint(process.env)}\n`);
