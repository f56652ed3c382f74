import { SingleBar } from 'cli-progress';
import type { Progress } from '@medley/maintenance/job';
import type { CommonOptions } from './options.ts';

/** Shows how far a job has come, until it is disposed of. */
export interface ProgressDisplay extends Disposable {
  show(progress: Progress): void;
}

const STEPS = 1000;
/** How often a line of JSON says so at most. */
const LINE_EVERY_MS = 200;

/** A bar where a terminal shows it, lines of JSON where they are asked for, otherwise nothing. All on stderr. */
export function openProgress({ json, progress }: CommonOptions): ProgressDisplay {
  if (json === true) return progress === true ? jsonLines() : NOTHING;
  return process.stderr.isTTY ? bar() : NOTHING;
}

const NOTHING: ProgressDisplay = { show: () => {}, [Symbol.dispose]: () => {} };

function bar(): ProgressDisplay {
  const single = new SingleBar({ format: '{step} [{bar}] {percentage}% {count}', stream: process.stderr, hideCursor: true, clearOnComplete: true });
  single.start(STEPS, 0, { step: '', count: '' });
  return {
    show: ({ step, count, fraction = 0, store }) => single.update(Math.floor(fraction * STEPS), { step: store === undefined ? step : `${store}: ${step}`, count }),
    [Symbol.dispose]: () => single.stop(),
  };
}

function jsonLines(): ProgressDisplay {
  let told: Pick<Progress, 'step' | 'store'> | undefined;
  let toldAt = 0;
  return {
    show(progress) {
      if (progress.step === told?.step && progress.store === told.store && performance.now() - toldAt < LINE_EVERY_MS) return;
      told = progress;
      toldAt = performance.now();
      process.stderr.write(`${JSON.stringify(progress)}\n`);
    },
    [Symbol.dispose]: () => {},
  };
}
