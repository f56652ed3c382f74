import assert from 'node:assert/strict';
import { eventually } from '@medley/testing/eventually';
import { familyOf, isAlive } from './processes.ts';
import { Program } from './program.ts';
import { Site, type SiteOptions } from './site.ts';

/** The services there are, in the order of their metrics ports. */
export const SERVICES = ['gateway', 'metadata', 'storage', 'thumbnail', 'url-preview', 'federation-fetch'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** `services`: one process each, as `npm run services`. `one-process`: as `npm start`. */
export type Form = 'services' | 'one-process';

const SCRIPTS: Readonly<Record<Form, string>> = {
  'services': 'apps/medley/src/services.ts',
  'one-process': 'apps/medley/src/main.ts',
};
const READY_WITHIN_MS = 30_000;
/** After the first process of a family has ended, how long the others may take. */
const GONE_WITHIN_MS = 3000;

/** A Medley that was started as a user would start it. */
export interface System extends AsyncDisposable {
  readonly site: Site;
  readonly program: Program;
}

/** Starts a Medley on a new site and waits until it is ready. Disposing of it checks that it ends as it should. */
export async function startSystem(form: Form, options: SiteOptions = {}): Promise<System> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await Site.open(options));
  const program = await startProgram(form, site);
  stack.defer(() => stopProgram(program));
  const owned = stack.move();
  return { site, program, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Starts a Medley on a site that is there, and waits until it is ready. */
export async function startProgram(form: Form, site: Site): Promise<Program> {
  const program = Program.start(SCRIPTS[form], ['--config', site.configPath]);
  const ports = form === 'services' ? SERVICES.map((_name, index) => site.ports.metrics + index) : [site.ports.metrics];
  await untilReady(program, ports);
  return program;
}

/** Waits until the process says at every one of these ports that it is ready. */
export async function untilReady(program: Program, metricsPorts: readonly number[]): Promise<void> {
  try {
    await Promise.race([eventually(() => Promise.all(metricsPorts.map(checkReady)), READY_WITHIN_MS, 50), failOnExit(program)]);
  } catch (error) {
    program.kill();
    throw new Error(`it did not become ready:\n${program.tail()}`, { cause: error });
  }
}

/** Ends a program by SIGTERM; fails unless it ends by itself, well, and leaves no process behind. */
export async function stopProgram(program: Program): Promise<void> {
  if (program.hasExited) throw new Error(`it had ended before it was stopped:\n${program.tail()}`);
  const family = await familyOf(program.pid);
  const code = await program.stop();
  try {
    assert.equal(code, 0, `exit code ${code}:\n${program.tail()}`);
    await untilGone(family);
  } finally {
    program.kill();
  }
}

/** Waits until none of these processes is there. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  await eventually(() => assert.deepEqual(pids.filter(isAlive), [], 'processes are left'), GONE_WITHIN_MS);
}

async function checkReady(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`);
  assert.equal(response.status, 200, await response.text());
}

async function failOnExit(program: Program): Promise<never> {
  throw new Error(`it ended with ${await program.exited}`);
}
