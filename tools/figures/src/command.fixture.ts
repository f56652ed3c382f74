/** A command of a board, in the state that its argument names. */
const STATES: Readonly<Record<string, () => void>> = {
  'good': () => console.log('{"broken":0,"tried":7}'),
  'over': () => {
    console.log('{"broken":2,"others":1,"tried":7}');
    process.exitCode = 1;
  },
  'crash': () => {
    throw new Error('planted');
  },
  'crash-later': () => {
    console.log('{"broken":0,"tried":7}');
    throw new Error('planted');
  },
  'no-json': () => console.log('all is well'),
  'no-value': () => console.log('{"broken":"none"}'),
};
STATES[process.argv[2] ?? '']?.();
