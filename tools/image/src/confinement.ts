import { execFileSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the image has its parts, and what stands for them here. */
export interface Parts {
  /** /opt/medley */
  readonly tree: string;
  /** /data */
  readonly data: string;
}

/** A way to start Node as the image's user, where nothing but /data and /tmp can be written. */
export interface Confinement {
  readonly how: 'bwrap' | 'setpriv';
  /** Where the program sees the parts. */
  readonly seen: Parts;
  /** What to run instead of `node …args`. */
  command(args: readonly string[]): readonly string[];
}

/** Of the system, what Node needs. */
const SYSTEM = ['/usr', '/lib', '/lib64', '/bin', '/etc'];

/** The way that this machine has, or why it has none. With bubblewrap all is read-only; as root without it, the tree is somebody else's. */
export function findConfinement(parts: Parts, user: number): Confinement | string {
  if (canRun('bwrap', [...bwrapArgs(parts, user), '/runtime/node', '--version'])) {
    return { how: 'bwrap', seen: { tree: '/opt/medley', data: '/data' }, command: (args) => ['bwrap', ...bwrapArgs(parts, user), '/runtime/node', ...args] };
  }
  const switched = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all'];
  if (!canRun('setpriv', [...switched, 'true'])) return 'neither bubblewrap nor, as root, setpriv works here';
  const node = join(dirname(parts.tree), 'runtime', 'node');
  mkdirSync(dirname(node));
  copyFileSync(process.execPath, node);
  chownSync(parts.data, user, user);
  return { how: 'setpriv', seen: parts, command: (args) => ['setpriv', ...switched, node, ...args] };
}

function bwrapArgs({ tree, data }: Parts, user: number): readonly string[] {
  return [
    '--unshare-user', '--uid', String(user), '--gid', String(user), '--cap-drop', 'ALL', '--die-with-parent',
    ...SYSTEM.flatMap((path) => ['--ro-bind-try', path, path]),
    '--ro-bind', process.execPath, '/runtime/node', '--ro-bind', tree, '/opt/medley', '--bind', data, '/data',
    '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--remount-ro', '/',
  ];
}

function canRun(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false; // not there, or not allowed, which is the answer
  }
}
