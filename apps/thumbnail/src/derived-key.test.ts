import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { originalAt, toAddressText } from '@medley/domain/blob-key';
import { parseDigest } from '@medley/domain/digest';
import { parseStoreName } from '@medley/domain/store-name';
import { isAnimationKey, toTargets, toVersion } from './derived-key.ts';
import { spec } from './testing/thumbnails.ts';

const SOURCE = originalAt({ digest: '0123456789abcdef'.repeat(4), store: '' });

describe('toTargets', () => {
  it('makes the other four standard sizes along with one of them, the asked one first', () => {
    assert.deepEqual(derivations(spec(640, 480)), [
      'thumbnail-v2-640x480-scale',
      'thumbnail-v2-32x32-crop',
      'thumbnail-v2-96x96-crop',
      'thumbnail-v2-320x240-scale',
      'thumbnail-v2-800x600-scale',
    ]);
  });

  it('raises an odd size to the next that is made', () => {
    assert.deepEqual(derivations(spec(601, 470)), derivations(spec(640, 480)));
    assert.deepEqual(derivations(spec(50, 50, 'crop')), ['thumbnail-v2-64x64-crop']);
  });

  it('keeps the aspect of the standard sizes when they are to be cropped', () => {
    assert.deepEqual(derivations(spec(320, 240, 'crop')), ['thumbnail-v2-320x240-crop']);
    assert.deepEqual(derivations(spec(800, 600, 'crop')), ['thumbnail-v2-800x600-crop']);
  });

  it('keeps every format apart, and makes the standard sizes together in the one that was asked', () => {
    assert.deepEqual(derivations(spec(32, 32, 'crop', 'webp')), [
      'thumbnail-v2-32x32-crop-webp',
      'thumbnail-v2-96x96-crop-webp',
      'thumbnail-v2-320x240-scale-webp',
      'thumbnail-v2-640x480-scale-webp',
      'thumbnail-v2-800x600-scale-webp',
    ]);
    assert.deepEqual(derivations(spec(40, 40, 'crop', 'avif')), ['thumbnail-v2-64x64-crop-avif']);
  });

  it('makes an animation alone', () => {
    const [animation, ...others] = toTargets(SOURCE, { ...spec(90, 90, 'crop', 'webp'), animated: true });
    assert.equal(animation.key.derivation, 'thumbnail-v2-96x96-crop-animated-webp');
    assert.deepEqual([isAnimationKey(animation.key), others], [true, []]);
    assert.ok(toTargets(SOURCE, spec(96, 96)).every(({ key }) => !isAnimationKey(key)));
  });
});

describe('toVersion', () => {
  it('fits an ETag and differs for every derivation and source', () => {
    const targets = [...toTargets(SOURCE, spec(32, 32, 'crop')), ...toTargets({ ...SOURCE, digest: parseDigest('f'.repeat(64)) }, spec(32, 32, 'crop'))];
    const versions = targets.map(({ key }) => toVersion(key));
    for (const version of versions) assert.match(version, /^[A-Za-z0-9_-]{22}$/);
    assert.equal(new Set(versions).size, versions.length);
  });

  it('is that of the bytes, whichever store they lie in; an address is another in each', () => {
    const [here] = toTargets(SOURCE, spec(32, 32));
    const [there] = toTargets({ ...SOURCE, store: parseStoreName('b.example') }, spec(32, 32));
    assert.equal(toVersion(here.key), toVersion(there.key));
    assert.notEqual(toAddressText(here.key), toAddressText(there.key));
    assert.equal(there.key.store, 'b.example');
  });
});

function derivations(requested: Parameters<typeof toTargets>[1]): string[] {
  return toTargets(SOURCE, requested).map(({ key }) => key.derivation);
}
