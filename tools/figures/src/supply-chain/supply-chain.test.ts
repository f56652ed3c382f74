import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAboveFloor, type Floors } from './floors.ts';
import { outsidePackages, type LockEntry } from './lock.ts';
import { findProblems, findUnlisted, shippedPackages, type Supplies } from './problems.ts';
import { readSupplies } from './supplies.ts';

const supplies = await readSupplies();
const REVIEWED = Date.parse(supplies.floors.reviewed);
const FLOORS = supplies.floors.versions;
const DAY_MS = 86_400_000;

function withEntry(path: string, entry: LockEntry): Supplies {
  return { ...supplies, lock: new Map([...supplies.lock, [path, { ...supplies.lock.get(path), ...entry }]]) };
}

function withFloors(floors: Partial<Floors>): Supplies {
  return { ...supplies, floors: { ...supplies.floors, ...floors } };
}

test('all that the lock names has a digest, one version, a licence that is allowed, and no script or version that nobody looked at', () => {
  assert.deepEqual(findProblems(supplies), []);
});

const GIT = { dependencies: { koa: 'git+https://example.org/koa.git' } };
const DEFECTS: readonly (readonly [what: string, planted: Supplies, problem: string])[] = [
  ['a package without a digest', withEntry('node_modules/koa', { integrity: undefined }), 'node_modules/koa has no sha512 digest'],
  ['a weak digest', withEntry('node_modules/koa', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }), 'node_modules/koa has no sha512 digest'],
  ['a reviewed exception that is shipped', withEntry('node_modules/@bufbuild/buf-darwin-x64', { dev: false }), 'node_modules/@bufbuild/buf-darwin-x64 has no sha512 digest'],
  ['a package from elsewhere', withEntry('node_modules/koa', { resolved: 'https://example.org/koa.tgz' }), 'node_modules/koa comes from https://example.org/koa.tgz instead of the registry'],
  ['a package from git', withEntry('apps/gateway', GIT), 'apps/gateway wants koa as git+https://example.org/koa.git, not as one version'],
  ['a file', withEntry('', { dependencies: { thing: 'file:../thing' } }), 'package.json wants thing as file:../thing, not as one version'],
  ['a range of versions', withEntry('', { dependencies: { thing: '^1.0.0' } }), 'package.json wants thing as ^1.0.0, not as one version'],
  ['any version of a package that is not ours', withEntry('', { dependencies: { koa: '*' } }), 'package.json wants koa as *, not as one version'],
  ['an install script', withEntry('node_modules/koa', { hasInstallScript: true }), 'node_modules/koa has an install script that nobody reviewed'],
  ['a version below its floor', withEntry('node_modules/sharp', { version: '0.34.5' }), `node_modules/sharp is 0.34.5, below ${FLOORS['sharp']?.join()}`],
  ['a version before the release that is its floor', withEntry('node_modules/sharp', { version: `${FLOORS['sharp']?.join()}-rc.1` }), `node_modules/sharp is ${FLOORS['sharp']?.join()}-rc.1, below ${FLOORS['sharp']?.join()}`],
  ['an old runtime', { ...supplies, nodeVersion: '20.20.2' }, `.node-version is 20.20.2, below ${FLOORS['node']?.join()}`],
  ['an old library within a package', { ...supplies, libraries: { ...supplies.libraries, heif: '1.20.1' } }, `heif is 1.20.1, below ${supplies.floors.libraries['heif']?.join()}`],
  ['a library that is not there to be looked at', { ...supplies, libraries: { ...supplies.libraries, vips: '' } }, `vips is , below ${supplies.floors.libraries['vips']?.join()}`],
  ['a licence that is not allowed', withEntry('node_modules/koa', { license: 'AGPL-3.0-only' }), 'node_modules/koa is under AGPL-3.0-only'],
  ['a package without a licence', withEntry('node_modules/koa', { license: undefined }), 'node_modules/koa is under no licence'],
  ['a table that was last reviewed 91 days ago', { ...supplies, now: REVIEWED + 91 * DAY_MS }, `floors.json was reviewed on ${supplies.floors.reviewed}, which must lie 0 to 90 days back`],
  ['a table that will be reviewed', { ...supplies, now: REVIEWED - 1 }, `floors.json was reviewed on ${supplies.floors.reviewed}, which must lie 0 to 90 days back`],
  ['a table without a date', withFloors({ reviewed: 'soon' }), 'floors.json was reviewed on soon, which must lie 0 to 90 days back'],
];

for (const [what, planted, problem] of DEFECTS) {
  test(`${what} is told, and nothing else is`, () => assert.deepEqual(findProblems(planted), [problem]));
}

test('the review is good for 90 days', () => {
  assert.deepEqual(findProblems({ ...supplies, now: REVIEWED + 90 * DAY_MS }), []);
});

test('what the image needs must be in the list of its packages; what other systems need need not', () => {
  const shipped = shippedPackages(supplies);
  const names = (skipped: string): ReadonlySet<string> => new Set(shipped.filter(({ name }) => !name.startsWith(skipped)).map(({ name, version }) => `${name}@${version}`));
  assert.deepEqual(findUnlisted(supplies, names('@img/sharp-')), []);
  assert.deepEqual(findUnlisted(supplies, names('sharp')), ["node_modules/sharp is not in the list of the image's packages"]);
});

test('what only developers need is not shipped', () => {
  const names = shippedPackages(supplies).map(({ name }) => name);
  for (const name of ['matrix-js-sdk', 'eslint', 'nx', 'typescript']) assert.ok(!names.includes(name), name);
  for (const name of ['koa', 'sharp', 'mongodb', '@img/sharp-libvips-linux-x64']) assert.ok(names.includes(name), name);
});

test('every floor and every exception is of a package that the lock has', () => {
  const names = new Set(outsidePackages(supplies.lock).map(({ name }) => name));
  const { versions, withoutIntegrity } = supplies.floors;
  assert.deepEqual([...Object.keys(versions), ...withoutIntegrity].filter((name) => !names.has(name)), []);
});

test('each line of versions has its own floor, newer lines are good and older ones are not', () => {
  const judged = ['5.9.9', '6.27.9', '6.28.0', '7.27.9', '7.28.0-beta', '7.100.0', '8.0.0', ''].map((version) => isAboveFloor(version, ['6.28.0', '7.28.0']));
  assert.deepEqual(judged, [false, false, true, false, false, true, true, false]);
});
