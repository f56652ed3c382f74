import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaState } from '@medley/proto/metadata/media';
import { parseJobSpec } from './job-spec.ts';

const USER = { user: '@u:a.example' };

function filterOf(action: string, order: Readonly<Record<string, unknown>> = {}) {
  return parseJobSpec(action, { filter: USER, ...order }).selection.filter;
}

describe('the order of a job', () => {
  it('takes the same filter as a search, with numbers, booleans and lists', () => {
    const filter = filterOf('delete', { filter: { user: ['@u:a.example', '@v:a.example'], min_size: 5, lost: true } });
    assert.deepEqual([filter.userIds, filter.minSizeBytes, filter.lost], [['@u:a.example', '@v:a.example'], 5, true]);
  });

  it('keeps protected and quarantined media from deletion unless it is asked for', () => {
    const { quarantined, protected: isProtected, state } = filterOf('delete');
    assert.deepEqual([quarantined, isProtected, state], [false, false, MediaState.AVAILABLE]);
    const all = filterOf('delete', { include_quarantined: true, include_protected: true });
    assert.deepEqual([all.quarantined, all.protected], [undefined, undefined]);
    assert.equal(filterOf('delete', { filter: { quarantined: true } }).quarantined, true);
  });

  it('leaves out what is so already', () => {
    assert.equal(filterOf('quarantine').quarantined, false);
    assert.equal(filterOf('release').quarantined, true);
    assert.equal(filterOf('protect').protected, false);
    assert.equal(filterOf('unprotect').protected, true);
  });

  for (const [what, action, order] of [
    ['an action that nobody knows', 'destroy', { filter: USER }],
    ['a member of the filter that nobody knows', 'delete', { filter: { users: '@u:a.example' } }],
    ['an empty filter', 'delete', { filter: {} }],
    ['no filter', 'quarantine', {}],
    ['a filter that is none', 'delete', { filter: [] }],
    ['a value that is none', 'delete', { filter: { user: null } }],
    ['a list of nothing', 'delete', { filter: { user: [] } }],
    ['a list of empty lists', 'delete', { filter: { origin: [[]] } }],
    ['a text that any media has', 'delete', { filter: { name: '' } }],
    ['a room where the trash is meant', 'restore', { filter: { room: '!r:a.example' } }],
    ['a value within a value', 'delete', { filter: { user: { a: 1 } } }],
    ['an option that is neither true nor false', 'delete', { filter: USER, dry_run: 'no' }],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseJobSpec(action, order), { name: 'MediaError', reason: 'INVALID_PARAM' });
    });
  }

  it('may be about all media where it only counts', () => {
    assert.equal(parseJobSpec('delete', { dry_run: true }).dryRun, true);
  });
});
