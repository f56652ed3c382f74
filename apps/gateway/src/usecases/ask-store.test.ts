import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { createLogger } from '@medley/telemetry/logger';
import { askStore, type StoreAsked } from './ask-store.ts';

/** What comes of an answer that fails, and what is logged meanwhile. */
async function fail(asked: StoreAsked, error: Error): Promise<{ readonly thrown: unknown; readonly lines: readonly Record<string, unknown>[] }> {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('test', 'info', { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  const thrown: unknown = await askStore({ log }, asked, Promise.reject(error)).catch((reason: unknown) => reason);
  return { thrown, lines };
}

describe('asking a store', () => {
  const unknown = new MediaError('INVALID_PARAM', 'No such store');

  it('that is not configured is no fault of the requester’s, and the log says which store and which bytes', async () => {
    const { thrown, lines: [line, ...more] } = await fail({ store: 'b.example', digest: 'd' }, unknown);
    assert.ok(thrown instanceof MediaError);
    assert.deepEqual([thrown.reason, thrown.message, thrown.cause], ['SERVICE_UNAVAILABLE', 'storage is not available', unknown]);
    assert.deepEqual([line?.['level'], line?.['store'], line?.['digest'], more], ['error', 'b.example', 'd', []]);
  });

  it('fails as it does for all else, and where all share it', async () => {
    const missing = new MediaError('NOT_FOUND', 'No such blob');
    assert.deepEqual(await fail({ store: 'b.example' }, missing), { thrown: missing, lines: [] });
    assert.deepEqual(await fail({ store: '' }, unknown), { thrown: unknown, lines: [] });
  });
});
