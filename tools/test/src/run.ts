/**
 * Checks, lints and tests every project that changed since its last success: `node tools/test/src/run.ts [NX OPTIONS]`.
 * All tests share one MongoDB and one S3 server. The last line sums up the tests of all projects.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { openSharedServices } from '@medley/tool-real-services/shared-services';
import { Tally } from './tally.ts';

const root = join(import.meta.dirname, '../../..');
const programs = join(root, 'node_modules', '.bin');

/** Runs nx with `args`, shows its output and adds it to `tally`; answers with its exit code. */
async function runNx(args: readonly string[], env: NodeJS.ProcessEnv, tally: Tally): Promise<number> {
  const nx = spawn(process.execPath, [join(programs, 'nx'), 'run-many', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => nx.kill(signal));
  const closed = once(nx, 'close');
  for await (const line of createInterface({ input: nx.stdout })) {
    process.stdout.write(`${line}\n`);
    tally.add(line);
  }
  await closed;
  return nx.exitCode ?? 1;
}

function environment(): NodeJS.ProcessEnv {
  const { CI, PATH = '' } = process.env;
  return {
    // Nx asks every task for colours, wherever they end up.
    ...(process.stdout.isTTY ? {} : { FORCE_COLOR: '0' }),
    ...process.env,
    // The repository's own Node comes first, also for who starts this file without npm.
    PATH: `${programs}${delimiter}${PATH}`,
    ...(CI ? { NX_DAEMON: 'false' } : {}),
  };
}

function report(message: string): void {
  console.log(`real services: ${message}`);
}

async function main(extraArgs: readonly string[]): Promise<number> {
  const tally = new Tally();
  await using services = await openSharedServices(environment(), report);
  report(services.env['MEDLEY_TEST_REAL'] ?? '');
  services.missing.forEach(report);

  const args = ['--targets=typecheck,lint,test', '--parallel=2', '--output-style=static', ...extraArgs];
  const code = await runNx(args, services.env, tally);

  for (const { project, name, reason } of tally.skippedTests) console.log(`skipped: ${project}: ${name}: ${reason}`);
  if (tally.ran === 0) console.log('No test ran, which counts as a failure.');
  else if (code !== 0) console.log(`Some task failed: nx ended with ${code}.`);
  console.log(tally.closingLine);
  return code === 0 && (tally.failed > 0 || tally.ran === 0) ? 1 : code;
}

process.exitCode = await main(process.argv.slice(2));
