/**
 * Runs one command for a parent that may die at any moment: `node supervisor.ts FOLDER COMMAND ARGS…`.
 * The command gets a process group of its own. When the parent's IPC channel closes, the group is killed and
 * FOLDER (if not empty) removed, so that neither Ctrl-C nor SIGKILL leaves a server or its data behind.
 * A message with a signal's name sends that signal to the group.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';

const [folder = '', command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true });

function signalGroup(signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already, which is what the signal was for.
  }
}

function isSignal(value: unknown): value is NodeJS.Signals {
  return typeof value === 'string' && value in constants.signals;
}

let abandoned = false;
process.on('message', (message) => {
  if (isSignal(message)) signalGroup(message);
});
process.on('disconnect', () => {
  abandoned = true;
  signalGroup('SIGKILL');
});
// A polite end of the supervisor alone would orphan the command.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => signalGroup('SIGKILL'));

child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 127;
  if (process.connected) process.disconnect();
});
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
  // What the command left running in its group would otherwise hold the folder and the port.
  signalGroup('SIGKILL');
  if (abandoned && folder !== '') rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  if (process.connected) process.disconnect();
});
