/** What package-lock.json (version 3) says of one folder. */
export interface LockEntry {
  /** Where it differs from the folder's: the package behind an alias. */
  readonly name?: string;
  readonly version?: string;
  readonly integrity?: string | undefined;
  readonly resolved?: string;
  readonly license?: string | undefined;
  /** A workspace's place in node_modules. */
  readonly link?: boolean;
  /** Only developers need it. */
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** By the folder, relative to the root, which is `''`. */
export type Lock = ReadonlyMap<string, LockEntry>;

/** One package of somebody else's, as it lies in a folder. */
export interface OutsidePackage extends LockEntry {
  readonly path: string;
  readonly name: string;
}

const MODULES = 'node_modules/';

/** Reads package-lock.json; throws where it is none of version 3. */
export function parseLock(text: string): Lock {
  const { lockfileVersion, packages } = JSON.parse(text) as { readonly lockfileVersion?: number; readonly packages?: Record<string, LockEntry> };
  if (lockfileVersion !== 3 || packages === undefined) throw new Error('package-lock.json is not of version 3');
  return new Map(Object.entries(packages));
}

/** Every package that is not ours. */
export function outsidePackages(lock: Lock): readonly OutsidePackage[] {
  return [...lock].filter(([path, { link }]) => path.includes(MODULES) && !link)
    .map(([path, entry]) => ({ ...entry, path, name: entry.name ?? path.slice(path.lastIndexOf(MODULES) + MODULES.length) }));
}

/** Our own packages, with their folders; the root is one of them. */
export function workspaces(lock: Lock): readonly (readonly [path: string, entry: LockEntry])[] {
  return [...lock].filter(([path]) => !path.includes(MODULES));
}

type Kind = 'dependencies' | 'optionalDependencies' | 'peerDependencies';

/** The folders of all packages that `roots` need, ours among them, by dependencies of these kinds; as Node would find them. */
export function reach(lock: Lock, roots: readonly string[], kinds: readonly Kind[]): ReadonlySet<string> {
  const found = new Set(roots);
  // A set hands out what is added while it is gone through.
  for (const path of found) {
    const entry = lock.get(path);
    const names = kinds.flatMap((kind) => Object.keys(entry?.[kind] ?? {}));
    for (const name of names) {
      const at = resolve(lock, path, name);
      if (at !== undefined) found.add(at);
    }
  }
  return found;
}

/** Looks in the folder's own node_modules and then in those above it. */
function resolve(lock: Lock, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = folder === '' ? MODULES + name : `${folder}/${MODULES}${name}`;
    const entry = lock.get(path);
    if (entry !== undefined) return entry.link ? entry.resolved : path;
    if (folder === '') return undefined;
  }
}
