import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChangeKind, type Change } from '@medley/proto/metadata/moderation';
import { KnownChanges } from './known-changes.ts';

const MEDIA = { name: 'mxc://a.example/x', digest: 'd' };

function changed(sequence: number, subject: Change['subject']): Change {
  return { sequence, kind: ChangeKind.QUARANTINED, subject, by: '', atMs: 0, store: '' };
}

const KEY = { $case: 'key', value: { origin: 'a.example', mediaId: 'x' } } as const;

describe('what was seen of a media', () => {
  it('is not current before anything was heard, nor if it was seen before that', () => {
    const changes = new KnownChanges({ maxStaleMs: 1000 });
    const seen = { ...MEDIA, asOf: changes.moment };
    assert.equal(changes.isCurrent(seen), false);
    changes.hear({ position: 0, changes: [] });
    assert.equal(changes.hasChanged(seen), true);
    assert.equal(changes.isCurrent({ ...MEDIA, asOf: changes.moment }), true);
  });

  for (const [what, subject] of [['it', KEY], ['its bytes', { $case: 'digest', value: 'd' }]] as const) {
    it(`has changed once something happened to ${what} later than it was seen`, () => {
      const changes = new KnownChanges({ maxStaleMs: 1000 });
      changes.hear({ position: 5, changes: [] });
      const before = { ...MEDIA, asOf: changes.moment };
      changes.hear({ position: 6, changes: [changed(6, { $case: 'digest', value: 'another' })] });
      assert.equal(changes.hasChanged(before), false);
      changes.hear({ position: 7, changes: [changed(7, subject)] });
      assert.equal(changes.hasChanged(before), true);
      assert.equal(changes.hasChanged({ ...MEDIA, asOf: changes.moment }), false);
    });
  }

  it('has changed whatever happened to it, be it protected or restored', () => {
    const changes = new KnownChanges({ maxStaleMs: 1000 });
    changes.hear({ position: 0, changes: [] });
    for (const kind of Object.values(ChangeKind)) {
      const before = { ...MEDIA, asOf: changes.moment };
      changes.hear({ position: kind + 1, changes: [{ ...changed(kind + 1, KEY), kind }] });
      assert.equal(changes.hasChanged(before), true);
    }
  });

  it('is current only while changes are heard of', () => {
    let now = 0;
    const changes = new KnownChanges({ maxStaleMs: 1000, now: () => now });
    changes.hear({ position: 1, changes: [] });
    const seen = { ...MEDIA, asOf: changes.moment };
    now = 1000;
    assert.equal(changes.isCurrent(seen), true);
    now = 1001;
    assert.equal(changes.isCurrent(seen), false);
    changes.hear({ position: 1, changes: [] });
    assert.equal(changes.isCurrent(seen), true);
  });

  it('is given up when more has happened than can be remembered', () => {
    const changes = new KnownChanges({ maxStaleMs: 1000, maxSubjects: 2 });
    changes.hear({ position: 0, changes: [] });
    const early = { ...MEDIA, asOf: changes.moment };
    const tell = (sequence: number, value: string) => changes.hear({ position: sequence, changes: [changed(sequence, { $case: 'digest', value })] });
    tell(1, 'a');
    tell(2, 'b');
    assert.equal(changes.hasChanged(early), false);
    tell(3, 'c');
    assert.equal(changes.hasChanged(early), true);
    const late = { ...MEDIA, digest: 'e', asOf: changes.moment };
    assert.equal(changes.hasChanged(late), false);
    tell(4, 'e');
    assert.equal(changes.hasChanged(late), true);
  });

  it('is given up when the sequences have begun anew', () => {
    const changes = new KnownChanges({ maxStaleMs: 1000 });
    changes.hear({ position: 9, changes: [] });
    const seen = { ...MEDIA, asOf: changes.moment };
    changes.hear({ position: 3, changes: [] });
    assert.equal(changes.hasChanged(seen), true);
    assert.equal(changes.position, 3);
  });
});
