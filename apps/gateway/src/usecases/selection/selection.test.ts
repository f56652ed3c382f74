import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matches } from '@medley/maintenance/matches';
import { MediaKind, MediaState, type MediaRecord } from '@medley/proto/metadata/media';
import { parseSelection } from './parse-selection.ts';

const DIGEST = 'a'.repeat(64);
const RECORD: MediaRecord = {
  key: { origin: 'a.example', mediaId: 'one' },
  state: MediaState.AVAILABLE,
  userId: '@u:a.example',
  createdAtMs: 1000,
  lastAccessMs: 2000,
  content: { digest: DIGEST, sizeBytes: 50, contentType: 'Image/PNG', uploadName: 'Cat.png', frozen: true, store: '' },
  lost: false,
  remote: false,
  protected: true,
};
const PENDING: MediaRecord = { ...RECORD, state: MediaState.PENDING, content: undefined };

function select(query: string) {
  const params = new URLSearchParams(query);
  return parseSelection((name) => params.getAll(name));
}

describe('a selection', () => {
  const rights: readonly [query: string, other: string][] = [
    ['user=@u:a.example', 'user=@v:a.example'],
    ['user=@v:a.example&user=@u:a.example', 'user=@U:a.example'],
    ['origin=a.example', 'origin=b.example'],
    ['kind=local', 'kind=remote&kind=preview'],
    ['type=image/', 'type=video/'],
    ['name=cAT', 'name=dog'],
    [`digest=${DIGEST}`, `digest=${'b'.repeat(64)}`],
    ['min_size=50', 'min_size=51'],
    ['max_size=50', 'max_size=49'],
    ['created_after=1000', 'created_after=1001'],
    ['created_before=1001', 'created_before=1000'],
    ['unused_since=2001', 'unused_since=2000'],
    ['state=available', 'state=pending'],
    ['quarantined=false', 'quarantined=true'],
    ['protected=true', 'protected=false'],
    ['lost=false', 'lost=true'],
  ];
  for (const [query, other] of rights) {
    it(`means what ${query} says, and nothing else`, () => {
      assert.equal(matches(select(query).filter, RECORD), true);
      assert.equal(matches(select(other).filter, RECORD), false);
    });
  }

  it('must hold as a whole', () => {
    assert.equal(matches(select('user=@u:a.example&min_size=51').filter, RECORD), false);
    assert.equal(matches(select('').filter, RECORD), true);
  });

  it('does not find what has no bytes yet by its bytes', () => {
    assert.equal(matches(select('').filter, PENDING), true);
    for (const query of ['type=i', 'name=c', 'min_size=0', 'max_size=99', `digest=${DIGEST}`]) assert.equal(matches(select(query).filter, PENDING), false, query);
  });

  it('takes what nobody has asked for as unused since it was created', () => {
    const record = { ...RECORD, lastAccessMs: undefined };
    assert.equal(matches(select('unused_since=1001').filter, record), true);
    assert.equal(matches(select('unused_since=1000').filter, record), false);
  });

  it('takes what was asked for in the minute of its creation, which is told from its beginning on, as unused since it was created', () => {
    assert.equal(matches(select('unused_since=1000').filter, { ...RECORD, lastAccessMs: 0 }), false);
  });

  it('of a tenant means its own media, and other servers’', () => {
    const filter = { ...select('').filter, tenant: 'b.example' };
    assert.equal(matches(filter, RECORD), false);
    assert.equal(matches(filter, { ...RECORD, remote: true }), true);
    assert.equal(matches({ ...filter, tenant: 'a.example' }, RECORD), true);
  });

  it('tells images of previews from uploads', () => {
    const image = { ...RECORD, previewImage: { expiresAtMs: 5 } };
    assert.deepEqual(select('kind=preview').filter.kinds, [MediaKind.PREVIEW]);
    assert.equal(matches(select('kind=preview').filter, image), true);
    assert.equal(matches(select('kind=local').filter, image), false);
  });

  for (const query of [
    'user=bob', 'origin=a_b', 'kind=foreign', 'digest=abc', 'min_size=-1', 'max_size=1.5', 'created_after=yesterday', 'state=gone', 'quarantined=yes', 'quarantined=',
    'type=a&type=b', 'room=room', 'kind=toString',
  ]) {
    it(`refuses ${query}`, () => {
      assert.throws(() => select(query), { name: 'MediaError', reason: 'INVALID_PARAM' });
    });
  }
});
