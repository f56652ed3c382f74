import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ARMING_FOLDER_VARIABLE, type FaultAction } from './arming.ts';
import type { FaultPoint } from './fault-points.ts';

const LOOK_MS = 5;

/**
 * Takes the place of fault-point.ts under `--conditions=medley-faults`, which nothing but tests sets. Whoever reaches a
 * point that is armed disarms it and does what it says; see arming.ts.
 */
export async function faultPoint(name: FaultPoint): Promise<void> {
  const folder = process.env[ARMING_FOLDER_VARIABLE];
  if (folder === undefined) return;
  const action = takeAction(join(folder, name));
  if (action === 'kill') {
    process.kill(process.pid, 'SIGKILL');
    await new Promise<never>(() => {}); // The signal comes before anything else can.
  }
  if (action === 'pause') await untilReleased(join(folder, `${name}.release`));
}

function takeAction(path: string): FaultAction | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const action = readFileSync(path, 'utf8') as FaultAction; // written by arming.ts alone
    renameSync(path, `${path}.reached`);
    return action;
  } catch {
    // Another process has reached it first.
    return undefined;
  }
}

async function untilReleased(path: string): Promise<void> {
  while (!existsSync(path)) await sleep(LOOK_MS);
}
