import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Backoff } from './backoff.ts';

class Clock {
  now = 0;
  readonly backoff = new Backoff({ first: 1000, max: 3000, now: () => this.now, random: () => 0 });

  /** Whether a server may be asked; the try is left at once. */
  isOpen(server = 'a'): boolean {
    try {
      this.backoff.begin(server)[Symbol.dispose]();
      return true;
    } catch {
      return false;
    }
  }

  fail(): void {
    this.backoff.begin('a').fail();
  }
}

describe('a server that does not answer', () => {
  it('is left alone, then twice as long, up to the most', () => {
    const clock = new Clock();
    for (const restMs of [1000, 2000, 3000, 3000]) {
      clock.fail();
      clock.now += restMs - 1;
      assert.equal(clock.isOpen(), false);
      clock.now += 1;
      assert.equal(clock.isOpen(), true);
    }
  });

  it('does not concern others', () => {
    const clock = new Clock();
    clock.fail();
    assert.equal(clock.isOpen('b'), true);
  });

  it('is asked by one at the end of its rest, and by all when it has answered', () => {
    const clock = new Clock();
    clock.fail();
    clock.now += 1000;
    const trial = clock.backoff.begin('a');
    assert.throws(() => clock.backoff.begin('a'), { reason: 'FETCH_FAILED' });
    trial.succeed();
    assert.deepEqual([clock.isOpen(), clock.backoff.size], [true, 0]);
    clock.fail();
    clock.now += 1000;
    assert.equal(clock.isOpen(), true, 'it began anew with the first rest');
  });

  it('can be asked again when who asked left without an answer', () => {
    const clock = new Clock();
    clock.fail();
    clock.now += 1000;
    clock.backoff.begin('a')[Symbol.dispose]();
    assert.equal(clock.isOpen(), true);
  });

  it('counts once for all that were under way when it fell silent', () => {
    const clock = new Clock();
    const attempts = [1, 2, 3].map(() => clock.backoff.begin('a'));
    for (const attempt of attempts) attempt.fail();
    clock.now += 1000;
    assert.equal(clock.isOpen(), true);
  });

  it('rests a little shorter by chance', () => {
    let now = 0;
    const backoff = new Backoff({ first: 1000, max: 3000, now: () => now, random: () => 1 });
    backoff.fail('a');
    now = 800;
    backoff.begin('a');
  });

  it('is forgotten for others when there are too many', () => {
    const { backoff } = new Clock();
    for (let index = 0; index < 10_001; index += 1) backoff.fail(`s${index}`);
    assert.equal(backoff.size, 10_000);
  });
});
