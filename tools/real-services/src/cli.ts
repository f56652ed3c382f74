import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ensureInstalled } from './install.ts';
import { FERRETDB, MINIO } from './pins.ts';
import { openSharedServices } from './shared-services.ts';
import { isUnavailable } from './unavailable.ts';

const USAGE = `Usage: node tools/real-services/src/cli.ts install
       node tools/real-services/src/cli.ts run -- COMMAND ARGS…

install  builds FerretDB and MinIO into the cache, if they are not there yet
run      starts both, or takes what MEDLEY_TEST_MONGODB_URI and MEDLEY_TEST_S3_URL name, sets both variables for the command,
         and stops what it started when the command ends`;

function report(message: string): void {
  process.stderr.write(`real-services: ${message}\n`);
}

async function install(): Promise<number> {
  let failures = 0;
  for (const pin of [FERRETDB, MINIO]) {
    const installed = await ensureInstalled(pin, { env: process.env, onBuild: report });
    report(isUnavailable(installed) ? installed.unavailable : `${pin.name} ${pin.version} is at ${installed.program}`);
    if (isUnavailable(installed)) failures += 1;
  }
  return failures === 0 ? 0 : 1;
}

async function run(command: string, args: readonly string[]): Promise<number> {
  await using services = await openSharedServices(process.env, report);
  services.missing.forEach(report);
  const child = spawn(command, args, { stdio: 'inherit', env: services.env });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  await once(child, 'close');
  return child.exitCode ?? 1;
}

async function main(args: readonly string[]): Promise<number> {
  const [verb, separator, command, ...rest] = args;
  if (verb === 'install' && separator === undefined) return install();
  if (verb === 'run' && separator === '--' && command !== undefined) return run(command, rest);
  process.stderr.write(`${USAGE}\n`);
  return 64;
}

process.exitCode = await main(process.argv.slice(2));
