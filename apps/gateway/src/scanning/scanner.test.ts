import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isReason, MediaError } from '@medley/domain/media-error';
import { eventually } from '@medley/testing/eventually';
import { CLEAN, startScene, type Behaviour } from './scanner.fixture.ts';

const isUnavailable = (error: unknown): boolean => isReason(error, 'SERVICE_UNAVAILABLE');

/** Ends with no file that is called so. */
const hangingOnSome: Behaviour = async (parts) => {
  for await (const { part } of parts) {
    if (part?.$case === 'subject' && part.value.uploadName === 'hangs') return new Promise<never>(() => {});
  }
  return CLEAN;
};

describe('a scanner', () => {
  it('is not taken to be away for files that it hangs on while it examines others', async () => {
    await using scene = await startScene({ timeout: '500ms' }, hangingOnSome);
    const { scanning } = scene;
    const hang = (text: string) => assert.rejects(scanning.admitUpload(scene.put(text, { uploadName: 'hangs' }), true), isUnavailable);
    const hanging = ['bad', 'worse', 'worst'].map(hang);
    await eventually(() => assert.equal(scene.scanner.calls.length, 3));
    assert.equal(await scanning.admitUpload(scene.put('good'), true), false);
    await Promise.all(hanging);
    assert.equal(scanning.scanner.isWell, true);
    await Promise.all(['1', '2', '3'].map(hang));
    assert.equal(scanning.scanner.isWell, false, 'it has examined nothing meanwhile');
  });

  it('is taken to be away that says its name, but ends with no file', async () => {
    await using scene = await startScene({ timeout: '300ms' }, () => new Promise<never>(() => {}));
    scene.scanner.describe = () => Promise.reject(new MediaError('SERVICE_UNAVAILABLE', 'not yet'));
    await assert.rejects(scene.scanning.admitUpload(scene.put('one'), true), isUnavailable); // asks for its name twice
    assert.equal(scene.scanning.scanner.isWell, true);
    scene.scanner.describe = async () => {};
    await assert.rejects(scene.scanning.admitUpload(scene.put('two'), true), isUnavailable);
    assert.equal(scene.scanning.scanner.isWell, false);
  });
});
