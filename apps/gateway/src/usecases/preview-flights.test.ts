import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PreviewFlights } from './preview-flights.ts';

const forever = new AbortController().signal;

describe('PreviewFlights', () => {
  it('makes one preview for all who ask meanwhile, and goes on when the first of them leaves', async () => {
    const flights = new PreviewFlights(10);
    const gate = Promise.withResolvers<string>();
    let made = 0;
    const make = (): Promise<string> => {
      made += 1;
      return gate.promise;
    };
    const leaving = new AbortController();
    const left = flights.join('a', '@one:x', make, leaving.signal);
    const stays = flights.join('a', '@two:x', make, forever);
    leaving.abort(new Error('left'));
    await assert.rejects(left, /left/);
    gate.resolve('{}');
    assert.equal(await stays, '{}');
    assert.equal(made, 1);
  });

  it('lets a user wait for so many, and no other pays for it', async () => {
    const flights = new PreviewFlights(2);
    const gate = Promise.withResolvers<string>();
    const waiting = ['a', 'b'].map((key) => flights.join(key, '@one:x', () => gate.promise, forever));
    await assert.rejects(flights.join('c', '@one:x', () => gate.promise, forever), { reason: 'RATE_LIMITED' });
    assert.equal(await flights.join('c', '@two:x', async () => '{}', forever), '{}');
    gate.resolve('{}');
    await Promise.all(waiting);
    assert.equal(await flights.join('c', '@one:x', async () => '{}', forever), '{}');
  });
});
