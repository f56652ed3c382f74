import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playRounds, type Side } from './rounds.ts';

/** A side that writes down what happens to it; each run seems to have taken a second. */
function sideOf(name: string, events: string[]): Side {
  const note = (event: string) => async (): Promise<void> => void events.push(`${name} ${event}`);
  const run = async (): Promise<{ count: number; wallMs: number }> => {
    await note('run')();
    return { count: 100, wallMs: 1000 };
  };
  return { name, pids: [], prepare: note('prepare'), run, clean: note('clean') };
}

test('each side warms up, then the sides take turns', async () => {
  const events: string[] = [];
  const rounds = await playRounds([sideOf('A', events), sideOf('B', events)], 1, () => events.push('round'));
  const runs = events.filter((event) => event === 'round' || event.endsWith('run'));
  assert.deepEqual(runs.slice(0, 5), ['A run', 'B run', 'round', 'A run', 'B run']);
  assert.equal(rounds.length, 1);
});

test('what surrounds a run is not counted as its time', async () => {
  const events: string[] = [];
  const [round] = await playRounds([sideOf('A', events)], 1, () => {});
  assert.deepEqual(events.slice(0, 3), ['A prepare', 'A run', 'A clean']);
  assert.equal(round?.samples[0]?.wallMsPerOp, 10);
});
