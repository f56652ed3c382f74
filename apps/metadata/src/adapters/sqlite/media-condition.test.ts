import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { MediaFilter, MediaOrder } from '../../domain/media-query.ts';
import { ORIGIN, ownContent } from '../../ports/samples.contract.ts';
import { toListQuery } from './media-condition.ts';
import { openDatabase } from './open-database.ts';

const PAGES: readonly (readonly [MediaOrder, MediaFilter, index: string])[] = [
  ['created', {}, 'media_by_creation'],
  ['created', { origins: [ORIGIN] }, 'media_of_origin'],
  ['created', { origins: [ORIGIN], kinds: ['local'], isQuarantined: false, contentType: 'image/' }, 'media_of_origin'],
  ['created', { userIds: ['@a:b'] }, 'media_of_user'],
  ['created', { kinds: ['local', 'preview'], origins: [ORIGIN], userIds: ['@a:b'] }, 'media_of_user'],
  ['created', { tenant: ORIGIN }, 'media_by_creation'],
  ['created', { kinds: ['local', 'preview'], origins: [ORIGIN], unusedSince: 2, createdBefore: 2, isProtected: false }, 'media_of_origin'],
  ['created', { isQuarantined: true }, 'media_quarantined'],
  ['created', { isQuarantined: true, tenant: ORIGIN, state: 'available' }, 'media_quarantined'],
  ['created', { isProtected: true }, 'media_protected'],
  ['created', { isLost: true }, 'media_lost'],
  ['last-access', {}, 'media_by_access'],
  ['last-access', { unusedSince: 2 }, 'media_by_access'],
  ['last-access', { kinds: ['remote'], unusedSince: 2, isProtected: false }, 'media_of_kind_by_access'],
];

test('pages that many ask for are read in the order of an index, wherever they begin', async () => {
  await using folder = await makeTempDir();
  using database = openDatabase(join(folder.path, 'medley.db'));
  const after = { key: 1, uri: parseMxcParts('example.org', 'a') };
  for (const [order, filter, index] of PAGES) {
    for (const isDescending of [false, true]) {
      for (const place of [{}, { after }]) {
        const { text, values } = toListQuery({ filter, ordering: { order, isDescending }, limit: 10, ...place }, 1);
        const plan = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(values).map((step) => String(step['detail'])).join('; ');
        assert.match(plan, new RegExp(`USING INDEX ${index}\\b`), plan);
        // Those of one millisecond are sorted among themselves.
        assert.doesNotMatch(plan.replace(/FOR LAST (\d+ )?TERMS? OF ORDER BY/, ''), /ORDER BY/, plan);
      }
    }
  }
});

test('media is found by its digest, and quarantined media among all, without reading the rest', async () => {
  await using folder = await makeTempDir();
  using database = openDatabase(join(folder.path, 'medley.db'));
  const few: readonly (readonly [MediaFilter, RegExp])[] = [
    [{ digest: ownContent().digest }, /USING INDEX media_of_digest/], [{ isQuarantined: true }, /USING INDEX media_quarantined/],
    [{ isProtected: true }, /USING INDEX media_protected/], [{ isLost: true }, /USING INDEX media_lost/],
  ];
  for (const [filter, index] of few) {
    const { text, values } = toListQuery({ filter, ordering: { order: 'media-id', isDescending: false }, limit: 10 }, 1);
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(values).map((step) => String(step['detail'])).join('; ');
    assert.match(plan, index, plan);
  }
});
