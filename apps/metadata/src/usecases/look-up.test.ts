import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintMediaId } from '@medley/domain/media-id';
import { toAvailableMedia, type AvailableMedia } from '../domain/media-record.ts';
import { ORIGIN, ownContent, someone, soon } from '../ports/samples.contract.ts';
import { lookUp } from './look-up.ts';

function awaiting(): AvailableMedia {
  const creation = { uri: { origin: ORIGIN, mediaId: mintMediaId(Date.now()) }, userId: someone(), createdAt: Date.now() };
  return toAvailableMedia(creation, { ...ownContent(), awaitsVerdict: true });
}

test('media that is rejected between two looks is seen hidden, and not as it was before', async () => {
  let media = awaiting();
  const judged = async () => {
    media = { ...media, quarantine: { by: 'content-scanner', at: Date.now() } };
    return new Set([media.content.digest]);
  };
  const [record] = await lookUp({ find: async () => [media], verdicts: { judged } }, [media.uri], soon());
  assert.equal(record?.quarantine?.by, 'content-scanner');
});

test('media that is recorded between two looks, and awaits a verdict of its own, is not seen', async () => {
  const [first, second] = [awaiting(), awaiting()];
  const looks = [[first, undefined], [first, second]];
  const find = async () => looks.shift() ?? [];
  const records = await lookUp({ find, verdicts: { judged: async () => new Set([first.content.digest]) } }, [first.uri, second.uri], soon());
  assert.deepEqual(records.map((record) => record?.state), ['available', 'pending']);
});
