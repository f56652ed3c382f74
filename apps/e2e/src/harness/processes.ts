import { readdir, readFile, writeFile } from 'node:fs/promises';

/** Whether `/proc` is there; without it, what these functions find out cannot be known. */
export const CAN_LOOK_INTO_PROCESSES = process.platform === 'linux';

/** The ids of a process and of all that it and its children started and that run now; only its own where there is no `/proc`. */
export async function familyOf(pid: number): Promise<readonly number[]> {
  if (!CAN_LOOK_INTO_PROCESSES) return [pid];
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter((text) => text !== '').map(Number);
  return [pid, ...(await Promise.all(children.map(familyOf))).flat()];
}

/** Whether a process of this id runs; below zero, whether any of that group does. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process, which is the answer.
    return false;
  }
}

export async function countOpenFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** Forgets the highest resident memory so far; answers with the present one, in bytes. */
export async function resetPeakMemory(pid: number): Promise<number> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  return readPeakMemory(pid);
}

/** The highest resident memory since `resetPeakMemory`, in bytes. */
export async function readPeakMemory(pid: number): Promise<number> {
  const [, kib = ''] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}
