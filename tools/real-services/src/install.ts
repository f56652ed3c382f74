import { access, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openInstallLock } from './install-lock.ts';
import { type Pin, installFolder, installedProgram } from './pins.ts';
import { startSupervised } from './supervised.ts';
import type { Unavailable } from './unavailable.ts';

const BUILD_LIMIT_MS = 15 * 60_000;
const OWN_MODULES = new URL('../go/', import.meta.url);

/** How to install. */
export interface InstallOptions {
  /** Where `PATH`, `HOME`, `XDG_CACHE_HOME` and `MEDLEY_TEST_INSTALL` come from. */
  readonly env: NodeJS.ProcessEnv;
  /** Told before a build starts, since it takes minutes. */
  readonly onBuild?: (message: string) => void;
  /** Covers waiting for another process's build and our own. */
  readonly limitMs?: number;
}

/**
 * Answers with the path of the pinned program, building it first if the cache has none.
 * Without a Go toolchain, with `MEDLEY_TEST_INSTALL=0`, or when the build fails or takes too long, answers why it cannot
 * be had. Never leaves a half-built program in the cache.
 */
export async function ensureInstalled(pin: Pin, options: InstallOptions): Promise<{ program: string } | Unavailable> {
  const { env, limitMs = BUILD_LIMIT_MS } = options;
  const program = installedProgram(pin, env);
  if (await exists(program)) return { program };
  const named = `${pin.name} ${pin.version}`;
  const go = await findOnPath('go', env);
  if (go === undefined) return { unavailable: `no Go toolchain on the PATH to build ${named} with` };
  if (env['MEDLEY_TEST_INSTALL'] === '0') {
    return { unavailable: `${named} is not installed, and MEDLEY_TEST_INSTALL=0 forbids building it` };
  }
  const signal = AbortSignal.timeout(limitMs);
  try {
    await mkdir(dirname(installFolder(pin, env)), { recursive: true });
    await using _lock = await openInstallLock(`${installFolder(pin, env)}.lock`, signal);
    if (await exists(program)) return { program };
    options.onBuild?.(`building ${named} with Go; this takes some minutes, once`);
    await build(pin, go, env, signal);
    return { program };
  } catch (error) {
    const why = signal.aborted ? `it took longer than ${limitMs} ms` : String(error instanceof Error ? error.message : error);
    return { unavailable: `${named} could not be built: ${why}` };
  }
}

async function build(pin: Pin, go: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const target = installFolder(pin, env);
  const folder = await mkdtemp(`${target}.building-`);
  try {
    await cp(fileURLToPath(new URL(`${pin.name}/`, pin.modules ?? OWN_MODULES)), folder, { recursive: true });
    const build = startSupervised({
      command: go,
      args: ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-o', join(folder, pin.name), pin.package],
      cwd: folder,
      folder,
      env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
    });
    const kill = (): void => build.signal('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    const code = await build.exited;
    signal.removeEventListener('abort', kill);
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`go build ended with ${code}: ${build.stderrTail()}`);
    // A folder without the program is what someone's half-finished cleaning left; a rename cannot replace it.
    await rm(target, { recursive: true, force: true });
    await rename(folder, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tells whether `ensureInstalled` has, or would try to build, the program. */
export async function isInstallable(pin: Pin, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (await exists(installedProgram(pin, env))) return true;
  return env['MEDLEY_TEST_INSTALL'] !== '0' && (await findOnPath('go', env)) !== undefined;
}

async function findOnPath(command: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await exists(join(folder, command)))) return join(folder, command);
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Absent and unreadable come to the same: it cannot be run.
    return false;
  }
}
