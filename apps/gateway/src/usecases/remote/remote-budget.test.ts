import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isReason, MediaError } from '@medley/domain/media-error';
import { quietTelemetry } from '@medley/testing/telemetry';
import { RemoteBudget } from './remote-budget.ts';

const NEVER = new AbortController().signal;
const isFull = (error: unknown): boolean => isReason(error, 'STORAGE_FULL');

/** A budget of 1000 bytes, what metadata says of it, and a clock. */
class Scene {
  usedBytes = 0;
  asked = 0;
  isAway = false;
  now = 0;
  beforeAnswer: () => Promise<void> = async () => {};
  readonly budget: RemoteBudget;

  constructor(maxBytes = 1000) {
    const getUsage = async () => {
      this.asked += 1;
      const mediaBytes = this.usedBytes;
      await this.beforeAnswer();
      if (this.isAway) throw new MediaError('SERVICE_UNAVAILABLE', 'away');
      return { mediaCount: 1, mediaBytes, pendingCount: 0, lapsedCount: 0, condemnedCount: 0, rows: [] };
    };
    this.budget = new RemoteBudget({ metadata: { getUsage }, maxBytes, now: () => this.now, log: quietTelemetry().log });
  }

  async fetch(bytes: number): Promise<void> {
    const intake = await this.budget.open(NEVER);
    intake.settle(bytes);
    intake.end(true);
  }

  /** Asks when the last answer is too old, and waits for the new one. */
  async measureAnew(): Promise<void> {
    this.now += 60_000;
    const intake = await this.budget.open(NEVER).catch(() => undefined);
    intake?.end(false);
    await new Promise(setImmediate);
  }
}

describe('the budget for media of other servers', () => {
  it('refuses fetches when there is a tenth more than it allows, and counts them', async () => {
    const scene = new Scene();
    scene.usedBytes = 1101;
    await assert.rejects(scene.fetch(1), isFull);
    assert.deepEqual([scene.budget.refusedCount, scene.budget.bytes], [1, 1101]);
    const other = new Scene();
    other.usedBytes = 1100;
    await other.fetch(1);
  });

  it('adds what was fetched since it was measured, and what is on its way', async () => {
    const scene = new Scene();
    scene.usedBytes = 900;
    await scene.fetch(150);
    const arriving = await scene.budget.open(NEVER);
    arriving.settle(51);
    await assert.rejects(scene.fetch(1), isFull);
    arriving.end(false);
    await scene.fetch(1);
    assert.equal(scene.budget.bytes, 1051);
  });

  it('asks once for all who come at once, and again after a minute', async () => {
    const scene = new Scene();
    await Promise.all(Array.from({ length: 20 }, () => scene.fetch(1)));
    assert.equal(scene.asked, 1);
    scene.now = 59_999;
    await scene.fetch(1);
    assert.equal(scene.asked, 1);
    scene.now = 60_000;
    await scene.fetch(1);
    assert.equal(scene.asked, 2);
  });

  it('lets fetches in again as soon as retention has made room', async () => {
    const scene = new Scene();
    scene.usedBytes = 2000;
    await assert.rejects(scene.fetch(1), isFull);
    scene.usedBytes = 950;
    await assert.rejects(scene.fetch(1), isFull);
    scene.now = 60_000;
    await scene.fetch(1);
    assert.equal(scene.budget.bytes, 951);
  });

  it('does not count twice what metadata has told of, nor forget what was recorded while it answered', async () => {
    const scene = new Scene();
    await scene.fetch(100);
    scene.usedBytes = 100;
    scene.beforeAnswer = () => scene.fetch(30);
    await scene.measureAnew();
    assert.equal(scene.budget.bytes, 130);
  });

  it('lets nothing in before it was measured, and goes on to count where metadata is away later', async () => {
    const scene = new Scene();
    scene.isAway = true;
    await assert.rejects(scene.fetch(1), (error) => isReason(error, 'SERVICE_UNAVAILABLE'));
    scene.isAway = false;
    await scene.fetch(600);
    scene.isAway = true;
    await scene.measureAnew();
    await scene.fetch(600);
    await assert.rejects(scene.fetch(1), isFull);
  });

  it('asks nobody where there is no limit', async () => {
    const scene = new Scene(0);
    await scene.fetch(1e15);
    assert.equal(scene.asked, 0);
  });
});
