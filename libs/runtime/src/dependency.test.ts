import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { createMetrics } from '@medley/telemetry/metrics';
import { Dependency } from './dependency.ts';
import { serveHealth } from './health-server.ts';

const broken = (): Promise<never> => Promise.reject(new MediaError('SERVICE_UNAVAILABLE', 'mongodb://user:secret@host is away'));

describe('a dependency', () => {
  it('is unknown before anybody asks, then as it was found, and remembers its last failure', async () => {
    const dependency = new Dependency('database');
    assert.equal(dependency.state.state, 'unknown');
    await assert.rejects(dependency.check(broken), { reason: 'SERVICE_UNAVAILABLE' });
    const { state, last_error: lastError } = dependency.state;
    assert.deepEqual([state, lastError?.class], ['failing', 'SERVICE_UNAVAILABLE']);
    assert.equal(await dependency.check(async () => 'value'), 'value');
    assert.deepEqual([dependency.state.state, dependency.state.last_error], ['ok', lastError]);
  });

  it('says since when it is so, however often it is asked', async () => {
    const dependency = new Dependency('database');
    await dependency.check(async () => {});
    const { since } = dependency.state;
    await dependency.check(async () => {});
    assert.equal(dependency.state.since, since);
  });
});

it('shows at /readyz how what a service depends on is, without a word of what was said about it', async () => {
  const dependency = new Dependency('database', { isRequired: false });
  await dependency.check(broken).catch(() => {});
  const service = { name: 'x', addresses: {}, readiness: async () => [], dependencies: [dependency], stop: async () => {} };
  const health = await serveHealth({ host: '127.0.0.1', port: 0 }, createMetrics(), [service]);
  const response = await fetch(`http://${health.address}/readyz?verbose`);
  const text = await response.text();
  await health.close();
  assert.equal(response.status, 200);
  const { dependencies } = JSON.parse(text) as { dependencies: readonly { name: string; state: string; required: boolean }[] };
  assert.deepEqual(dependencies.map(({ name, state, required }) => [name, state, required]), [['database', 'failing', false]]);
  assert.doesNotMatch(text, /secret|mongodb:/);
});
