/*
 * What the container image runs: the first argument names a program, the others are its own. In one process, so that
 * signals arrive.
 */
const PROGRAMS: Readonly<Record<string, string>> = {
  'all-in-one': './main.ts',
  gateway: '../../gateway/src/main.ts',
  metadata: '../../metadata/src/main.ts',
  storage: '../../storage/src/main.ts',
  thumbnail: '../../thumbnail/src/main.ts',
  'url-preview': '../../url-preview/src/main.ts',
  'federation-fetch': '../../federation-fetch/src/main.ts',
  'clamav-scanner': '../../clamav-scanner/src/main.ts',
  medley: '../../cli/src/main.ts',
};
/** EX_USAGE of sysexits. */
const EXIT_USAGE = 64;

const [name = ''] = process.argv.splice(2, 1);
const program = PROGRAMS[name];
if (program === undefined) {
  process.stderr.write(`There is no "${name}" here; there are: ${Object.keys(PROGRAMS).join(', ')}\n`);
  process.exitCode = EXIT_USAGE;
} else {
  await import(program);
}
