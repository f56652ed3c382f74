import assert from 'node:assert/strict';
import { eventually } from '@medley/testing/eventually';
import type { Program } from './program.ts';

/**
 * Runs `act` and waits until the gateway has logged the end of one more request of `operation` than before: what it
 * does not do by then, it will not do.
 */
export async function untilRequestEnded(program: Program, operation: string, act: () => Promise<void>): Promise<void> {
  const countEnded = (): number => program.logs.filter((line) => line['msg'] === 'request' && line['operation'] === operation).length;
  const before = countEnded();
  await act();
  await eventually(() => assert.ok(countEnded() > before, `no ${operation} has ended:\n${program.tail()}`));
}
