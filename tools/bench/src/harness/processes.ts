import { readdirSync, readFileSync } from 'node:fs';

/** One process as the system counts it. */
export interface ProcessUsage {
  readonly pid: number;
  readonly parentPid: number;
  /** CPU time so far, that of its ended children included. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

// What Linux tells programs on every architecture Node runs on (USER_HZ), whatever the kernel counts in.
const MS_PER_TICK = 10;
const PAGE_BYTES = 4096;

/** The living processes below and including `rootPids`. Empty where there is no /proc. */
export function readTrees(rootPids: readonly number[]): readonly ProcessUsage[] {
  const all = readAll();
  const found = new Set(rootPids);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parentPid } of all) if (found.has(parentPid)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid));
}

/** CPU time used so far by process trees; `undefined` where it cannot be read. */
export function readCpuMs(rootPids: readonly number[]): number | undefined {
  const processes = readTrees(rootPids);
  return processes.length === 0 ? undefined : processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** CPU time used so far by everything that runs on the machine; `undefined` where it cannot be read. */
export function readMachineCpuMs(): number | undefined {
  const text = readText('/proc/stat');
  if (text === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = numbers(text.slice('cpu '.length, text.indexOf('\n')));
  return (user + nice + system + irq + softIrq) * MS_PER_TICK;
}

/** What a process was started as; empty where it has ended. */
export function readCommand(pid: number): string {
  return (readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
}

function readAll(): readonly ProcessUsage[] {
  return listPids().flatMap((pid) => {
    const text = readText(`/proc/${pid}/stat`);
    return text === undefined ? [] : [parseStat(text)];
  });
}

/** Parses a line of /proc/PID/stat, where the second field is a name in brackets that may hold anything. */
export function parseStat(text: string): ProcessUsage {
  const fields = numbers(text.slice(text.lastIndexOf(')') + 1));
  // proc(5) counts the fields from 1; the first one after the name is its third
  const field = (number: number): number => fields[number - 3] ?? 0;
  return {
    pid: Number.parseInt(text, 10),
    parentPid: field(4),
    cpuMs: (field(14) + field(15) + field(16) + field(17)) * MS_PER_TICK,
    residentBytes: field(24) * PAGE_BYTES,
  };
}

function listPids(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    // Another system than Linux: CPU and memory are left out then.
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // No such file, or the process has just ended.
    return undefined;
  }
}

function numbers(text: string): number[] {
  return text.trim().split(/\s+/).map(Number);
}
