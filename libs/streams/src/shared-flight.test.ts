import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SharedFlight } from './shared-flight.ts';

/** Work that ends when the test says so, or when nobody waits for it any more. */
function startable() {
  const runs: { signal: AbortSignal; finish: (value: string) => void }[] = [];
  const work = (signal: AbortSignal): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    signal.addEventListener('abort', () => reject(signal.reason));
    runs.push({ signal, finish: resolve });
    return promise;
  };
  return { runs, work };
}

const forever = new AbortController().signal;

describe('SharedFlight', () => {
  it('runs once for all who wait, and anew for who comes later', async () => {
    const { runs, work } = startable();
    const flights = new SharedFlight<string>();
    const waiting = ['a', 'a', 'b'].map((key) => flights.run(key, work, forever));
    assert.equal(runs.length, 2);
    runs.forEach(({ finish }, index) => finish(`run ${index}`));
    assert.deepEqual(await Promise.all(waiting), ['run 0', 'run 0', 'run 1']);
    const later = flights.run('a', work, forever);
    runs[2]?.finish('run 2');
    assert.equal(await later, 'run 2');
  });

  it('goes on for the others when one leaves, and ends when the last has left', async () => {
    const { runs, work } = startable();
    const flights = new SharedFlight<string>();
    const [first, second] = [new AbortController(), new AbortController()];
    const one = flights.run('a', work, first.signal);
    const other = flights.run('a', work, second.signal);
    first.abort(new Error('first left'));
    await assert.rejects(one, /first left/);
    assert.equal(runs[0]?.signal.aborted, false);
    second.abort(new Error('second left'));
    await assert.rejects(other, /second left/);
    assert.equal(runs[0]?.signal.aborted, true);
    const anew = flights.run('a', work, forever);
    runs[1]?.finish('new');
    assert.equal(await anew, 'new');
  });

  it('fails for all who wait, and is not kept', async () => {
    const flights = new SharedFlight<string>();
    const broken = (): Promise<string> => Promise.reject(new Error('broken'));
    await Promise.all([flights.run('a', broken, forever), flights.run('a', broken, forever)].map((one) => assert.rejects(one, /broken/)));
    assert.equal(await flights.run('a', async () => 'whole', forever), 'whole');
  });

  it('is joined for a while after it has ended well, if it is told to', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const flights = new SharedFlight<string>(1000);
    assert.equal(await flights.run('a', async () => 'first', forever), 'first');
    await Promise.resolve();
    test.mock.timers.tick(999);
    assert.equal(await flights.run('a', async () => 'second', forever), 'first');
    test.mock.timers.tick(1);
    assert.equal(await flights.run('a', async () => 'third', forever), 'third');
  });
});
