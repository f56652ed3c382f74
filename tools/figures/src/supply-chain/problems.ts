import { isAboveFloor, reviewProblems, type Floors } from './floors.ts';
import { outsidePackages, reach, workspaces, type Lock, type OutsidePackage } from './lock.ts';

/** All that is judged. */
export interface Supplies {
  readonly lock: Lock;
  readonly floors: Floors;
  /** package.json's `allowScripts`: the packages whose install scripts were reviewed, and whether they run. */
  readonly reviewedScripts: Readonly<Record<string, boolean>>;
  /** The folders of our packages that go into the image. */
  readonly shipped: readonly string[];
  /** What .node-version says. */
  readonly nodeVersion: string;
  /** The libraries inside sharp's binaries, with their versions. */
  readonly libraries: Readonly<Record<string, string>>;
  /** Milliseconds of the epoch. */
  readonly now: number;
}

const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;
/** One version of one package, under its own name or another. */
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?$/;

/** Everything that is wrong but for the image, in words; empty if nothing is. */
export function findProblems(supplies: Supplies): readonly string[] {
  const { lock, floors, now } = supplies;
  return [
    ...outsidePackages(lock).flatMap((one) => [...sourceProblems(one, floors), ...scriptProblems(one, supplies), ...floorProblems(one, floors)]),
    ...dependencyProblems(lock),
    ...runtimeProblems(supplies),
    ...licenceProblems(supplies),
    ...reviewProblems(floors, now),
  ];
}

/** The packages of others that go into the image, what is for other systems included. */
export function shippedPackages({ lock, shipped }: Supplies): readonly OutsidePackage[] {
  const paths = reach(lock, shipped, ['dependencies', 'optionalDependencies', 'peerDependencies']);
  return outsidePackages(lock).filter(({ path }) => paths.has(path));
}

/** What the image needs and the list of its packages, each `name@version`, does not name, in words. */
export function findUnlisted(supplies: Supplies, listed: ReadonlySet<string>): readonly string[] {
  const required = reach(supplies.lock, supplies.shipped, ['dependencies']);
  const missing = shippedPackages(supplies).filter(({ path, name, version }) => required.has(path) && !listed.has(`${name}@${version}`));
  return missing.map(({ path }) => `${path} is not in the list of the image's packages`);
}

/** NOTE: .npmrc keeps the registry's addresses out of the lock, so that every address left in it leads elsewhere. */
function sourceProblems({ path, name, integrity, resolved, dev, optional }: OutsidePackage, { withoutIntegrity }: Floors): readonly string[] {
  const isReviewed = integrity === undefined && dev === true && optional === true && withoutIntegrity.includes(name);
  return [
    ...(isReviewed || SHA512.test(integrity ?? '') ? [] : [`${path} has no sha512 digest`]),
    ...(resolved === undefined ? [] : [`${path} comes from ${resolved} instead of the registry`]),
  ];
}

function scriptProblems({ path, name, hasInstallScript }: OutsidePackage, { reviewedScripts }: Supplies): readonly string[] {
  return hasInstallScript && !Object.hasOwn(reviewedScripts, name) ? [`${path} has an install script that nobody reviewed`] : [];
}

function floorProblems({ path, name, version = '' }: OutsidePackage, { versions }: Floors): readonly string[] {
  const floor = versions[name];
  return floor === undefined || isAboveFloor(version, floor) ? [] : [`${path} is ${version}, below ${floor.join(' and ')}`];
}

/** Our packages name one version of each outside package, and nothing that git, a file or an address would bring. */
function dependencyProblems(lock: Lock): readonly string[] {
  return workspaces(lock).flatMap(([path, { dependencies, devDependencies, optionalDependencies }]) =>
    Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([name, wanted]) => !EXACT.test(wanted) && !(wanted === '*' && lock.get(`node_modules/${name}`)?.link))
      .map(([name, wanted]) => `${path === '' ? 'package.json' : path} wants ${name} as ${wanted}, not as one version`));
}

function runtimeProblems({ floors, nodeVersion, libraries }: Supplies): readonly string[] {
  const versions = Object.entries(floors.libraries).map(([name, floor]) => ({ name, version: libraries[name] ?? 'missing', floor }));
  const all = [...versions, { name: '.node-version', version: nodeVersion, floor: floors.versions['node'] ?? [] }];
  return all.filter(({ version, floor }) => !isAboveFloor(version, floor)).map(({ name, version, floor }) => `${name} is ${version}, below ${floor.join(' and ')}`);
}

function licenceProblems(supplies: Supplies): readonly string[] {
  const packages = shippedPackages(supplies).filter(({ license }) => !isAllowed(license, supplies.floors));
  return packages.map(({ path, license }) => `${path} is under ${license ?? 'no licence'}`);
}

/** NOTE: of a choice (`OR`), too, each licence must be allowed. */
function isAllowed(license: string | undefined, { licences }: Floors): boolean {
  return (license ?? '').split(/ AND | OR /).every((one) => licences.includes(one.replaceAll(/[()]/g, '')));
}
