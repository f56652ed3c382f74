import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Site } from '../harness/site.ts';

const MAIN = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url));

/** How a run of `medley` ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of `medley` under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** What a command is run with, besides its arguments. */
export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly nodeArgs?: readonly string[];
}

/**
 * Starts the operator's command on a site, as an operator would. It calls the services that run, unless `args` say
 * `--standalone`.
 */
export function startMedley(site: Site, args: readonly string[], { env = {}, nodeArgs = [] }: CommandOptions = {}): Running {
  const way = args.includes('--standalone') ? [] : ['--connect'];
  const child = spawn(process.execPath, [...nodeArgs, MAIN, '--config', site.configPath, ...way, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { child, ended: ended.then(([stdout, stderr]) => ({ code: child.exitCode, stdout, stderr })) };
}

/** Runs it with `--json`; answers with its report, and fails unless it ends with `code`. */
export async function reportOf(site: Site, args: readonly string[], { code = 0, ...options }: CommandOptions & { readonly code?: number } = {}): Promise<Report> {
  const ended = await startMedley(site, [...args, '--json'], options).ended;
  assert.equal(ended.code, code, `${ended.stdout}\n${ended.stderr}`);
  return JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '') as Report;
}

/** What `--json` answers, of whatever command. */
export interface Report {
  readonly ok: boolean;
  readonly groups: readonly { readonly name: string; readonly media: number; readonly media_bytes: number }[];
  readonly dry_run: boolean;
  readonly expired: number;
  readonly previews: number;
  readonly preview_images: number;
  readonly purged: number;
  readonly rules: readonly { readonly name: string; readonly kind: string; readonly media_count: number; readonly media_bytes: number }[];
  readonly budgets: readonly { readonly kind: string; readonly max_bytes: number; readonly media_count: number; readonly media_bytes: number; readonly excess_bytes: number }[];
  readonly is_complete: boolean;
  readonly condemned: number;
  readonly removed: number;
  readonly spared: number;
  readonly failed: number;
  readonly freed_bytes: number;
  readonly derived_removed: number;
  readonly staging_removed: number;
  readonly checked: number;
  readonly verified: number;
  readonly orphans: number;
  readonly known_lost: number;
  readonly repaired: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly { readonly kind: string; readonly digest: string; readonly derivation?: string; readonly store?: string; readonly media_count: number; readonly repaired: boolean }[];
  readonly media: number;
  readonly media_bytes: number;
  readonly saved_bytes: number;
  readonly originals: number;
  readonly original_bytes: number;
  readonly derived: number;
  readonly staging: number;
}
