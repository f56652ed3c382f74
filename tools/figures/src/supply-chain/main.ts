/**
 * `node tools/figures/src/supply-chain/main.ts`: whether what we are made of is what we think, as one line of JSON; what is
 * wrong goes to stderr. Makes the image's tree for the list of its packages.
 */
import { reviewAge } from './floors.ts';
import { outsidePackages } from './lock.ts';
import { findProblems, findUnlisted, shippedPackages } from './problems.ts';
import { listImage, readSupplies } from './supplies.ts';

const supplies = await readSupplies();
const listed = await listImage();
const problems = [...findProblems(supplies), ...findUnlisted(supplies, listed)];
const outside = outsidePackages(supplies.lock);
const direct = new Set(supplies.shipped.flatMap((path) => Object.keys(supplies.lock.get(path)?.dependencies ?? {})).filter((name) => !name.startsWith('@medley/')));
problems.forEach((problem) => console.error(problem));
console.log(JSON.stringify({
  problems: problems.length,
  direct: direct.size,
  tree: shippedPackages(supplies).length,
  listed: listed.size,
  locked: outside.length,
  withoutIntegrity: outside.filter(({ integrity }) => integrity === undefined).length,
  reviewedDaysAgo: reviewAge(supplies.floors, supplies.now),
}));
process.exitCode = problems.length === 0 ? 0 : 1;
