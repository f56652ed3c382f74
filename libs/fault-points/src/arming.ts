import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultPoint } from './fault-points.ts';

/** Names the folder through which a test arms the points of the processes that it starts. */
export const ARMING_FOLDER_VARIABLE = 'MEDLEY_FAULTS_FOLDER';
/** What Node needs to be told, so that fault points are more than nothing. */
export const FAULTS_CONDITION = '--conditions=medley-faults';

/** `kill`: the process ends at once, as by SIGKILL. `pause`: whoever got there waits until the point is released. */
export type FaultAction = 'kill' | 'pause';

/** One fault point as a test holds it. Each arming works once, for the first process that gets there. */
export class ArmedPoint {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Arms a point for the processes that have `folder` in their environment. */
  static async arm(folder: string, name: FaultPoint, action: FaultAction): Promise<ArmedPoint> {
    const path = join(folder, name);
    for (const stale of [`${path}.reached`, `${path}.release`]) await rm(stale, { force: true });
    // In one step, so that nobody reads half of it.
    await writeFile(`${path}.new`, action);
    await rename(`${path}.new`, path);
    return new ArmedPoint(path);
  }

  /** Whether somebody got there. */
  get isReached(): boolean {
    return existsSync(`${this.#path}.reached`);
  }

  /** Lets whoever waits at the point go on. */
  async release(): Promise<void> {
    await writeFile(`${this.#path}.release`, '');
  }

  /** Takes the arming back, if nobody got there. */
  async disarm(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
