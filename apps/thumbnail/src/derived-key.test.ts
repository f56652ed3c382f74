import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDigest } from '@medley/domain/digest';
import { toTargets, toVersion } from './derived-key.ts';
import { spec } from './testing/thumbnails.ts';

const DIGEST = parseDigest('0123456789abcdef'.repeat(4));

describe('toTargets', () => {
  it('makes the other four standard sizes along with one of them, the asked one first', () => {
    assert.deepEqual(derivations(spec(640, 480)), [
      'thumbnail-v1-640x480-scale',
      'thumbnail-v1-32x32-crop',
      'thumbnail-v1-96x96-crop',
      'thumbnail-v1-320x240-scale',
      'thumbnail-v1-800x600-scale',
    ]);
  });

  it('raises an odd size to the next that is made', () => {
    assert.deepEqual(derivations(spec(601, 470)), derivations(spec(640, 480)));
    assert.deepEqual(derivations(spec(50, 50, 'crop')), ['thumbnail-v1-64x64-crop']);
  });

  it('keeps the aspect of the standard sizes when they are to be cropped', () => {
    assert.deepEqual(derivations(spec(320, 240, 'crop')), ['thumbnail-v1-320x240-crop']);
    assert.deepEqual(derivations(spec(800, 600, 'crop')), ['thumbnail-v1-800x600-crop']);
  });

  it('keeps no second copy for those who ask for an animation', () => {
    assert.deepEqual(derivations({ ...spec(96, 96, 'crop'), animated: true }), derivations(spec(96, 96, 'crop')));
  });
});

describe('toVersion', () => {
  it('fits an ETag and differs for every derivation and source', () => {
    const targets = [...toTargets(DIGEST, spec(32, 32, 'crop')), ...toTargets(parseDigest('f'.repeat(64)), spec(32, 32, 'crop'))];
    const versions = targets.map(({ key }) => toVersion(key));
    for (const version of versions) assert.match(version, /^[A-Za-z0-9_-]{22}$/);
    assert.equal(new Set(versions).size, versions.length);
  });
});

function derivations(requested: Parameters<typeof toTargets>[1]): string[] {
  return toTargets(DIGEST, requested).map(({ key }) => key.derivation);
}
