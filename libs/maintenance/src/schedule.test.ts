import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { Schedule, type ScheduledJob } from './schedule.ts';

const { log } = quietTelemetry();

/** A job that counts its runs, each of which takes `tookMs`. */
class CountedJob implements ScheduledJob {
  readonly name = 'counted';
  readonly everyMs: number;
  runs = 0;
  atOnce = 0;
  interrupted = 0;
  readonly #tookMs: number;

  constructor(everyMs: number, tookMs = 0) {
    this.everyMs = everyMs;
    this.#tookMs = tookMs;
  }

  async run(signal: AbortSignal): Promise<void> {
    this.runs += 1;
    this.atOnce += 1;
    await sleep(this.#tookMs, undefined, { signal }).catch(() => (this.interrupted += 1));
    this.atOnce -= 1;
    signal.throwIfAborted();
  }
}

describe('a schedule', () => {
  it('runs jobs again and again, and never two at once', async () => {
    const [one, other] = [new CountedJob(5, 3), new CountedJob(7, 3)];
    let most = 0;
    const watched = [one, other].map((job): ScheduledJob => ({
      name: job.name,
      everyMs: job.everyMs,
      run: (signal) => {
        const running = job.run(signal);
        most = Math.max(most, one.atOnce + other.atOnce);
        return running;
      },
    }));
    await using _schedule = new Schedule(watched, { log });
    await eventually(() => assert.ok(one.runs >= 5 && other.runs >= 5));
    assert.equal(most, 1);
  });

  it('does not run before its random first time', async () => {
    const [soon, later] = [new CountedJob(20), new CountedJob(60_000)];
    await using _schedule = new Schedule([soon, later], { log, random: () => 0.5 });
    await eventually(() => assert.ok(soon.runs >= 3));
    assert.equal(later.runs, 0);
  });

  it('goes on after a job that failed', async () => {
    let runs = 0;
    const failing: ScheduledJob = { name: 'failing', everyMs: 1, run: () => Promise.reject(new Error(`run ${(runs += 1)}`)) };
    await using _schedule = new Schedule([failing], { log });
    await eventually(() => assert.ok(runs >= 3));
  });

  it('interrupts the job that runs when it is stopped, and waits for it', async () => {
    const job = new CountedJob(1, 60_000);
    const schedule = new Schedule([job], { log });
    await eventually(() => assert.equal(job.runs, 1));
    await schedule[Symbol.asyncDispose]();
    assert.deepEqual([job.interrupted, job.atOnce, job.runs], [1, 0, 1]);
  });

  it('stops at once while it waits, be it for a month, and with nothing to do', async () => {
    const month = new CountedJob(31 * 86_400_000);
    const waiting = new Schedule([month], { log, random: () => 1 });
    await sleep(20); // a timer that is too long for Node would have fired
    await waiting[Symbol.asyncDispose]();
    assert.equal(month.runs, 0);
    await new Schedule([], { log })[Symbol.asyncDispose]();
  });
});
