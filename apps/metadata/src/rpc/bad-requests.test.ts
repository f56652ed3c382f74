import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JobState } from '@medley/proto/metadata/jobs';
import type { MediaContent, MediaKey } from '@medley/proto/metadata/media';
import { ChangeKind } from '@medley/proto/metadata/moderation';
import { useService } from '../one-service.fixture.ts';
import { because, contentOf, ORIGIN } from '../ports/samples.contract.ts';
import type { Client } from '../running-service.fixture.ts';

const KEY: MediaKey = { origin: ORIGIN, mediaId: 'abc' };
const CONTENT: MediaContent = contentOf('a');
const USER = '@alice:example.org';
const RESERVE = { origin: ORIGIN, userId: USER, unusedExpiresAtMs: 1, maxPending: 0 };
const CLAIM = { key: KEY, userId: USER, claimMs: 1 };
const COMMIT = { key: KEY, userId: USER, content: CONTENT };
const RECORD = { origin: ORIGIN, userId: USER, content: CONTENT };

const QUARANTINE = { keys: [KEY], digests: [], quarantined: true, by: USER };
const EXPIRE = { lapsedBeforeMs: 1, limit: 1, dryRun: true };
const BLOB = { digest: CONTENT.digest, storedAtMs: 1 };
const PREVIEW = { body: '{}', failed: false, fetchedAtMs: 1, expiresAtMs: 2 };
const LONG_REASON = 'x'.repeat(1001);
const CHANGES = { limit: 1, kinds: [], mediaOnly: false, descending: false };
const LEASE = { name: 'jobs', holder: 'x', ttlMs: 1 };
const JOB = { action: 'delete-media', input: '{}', by: USER, origin: ORIGIN };
const REMOVALS = { store: '', waitMs: 0, claimMs: 1, limit: 1, dryRun: true };

/** As many as one call may carry. */
function many<Item>(item: Item): Item[] {
  return Array.from({ length: 1000 }, () => item);
}

type Call = (rpc: Client['rpc']) => Promise<unknown>;

const BAD: Readonly<Record<string, Call>> = {
  'reserving without an origin': (rpc) => rpc.reserveMedia({ ...RESERVE, origin: '' }),
  'reserving for an origin that is no server name': (rpc) => rpc.reserveMedia({ ...RESERVE, origin: 'a/b' }),
  'reserving for nobody': (rpc) => rpc.reserveMedia({ ...RESERVE, userId: '' }),
  'reserving without an expiry': (rpc) => rpc.reserveMedia({ ...RESERVE, unusedExpiresAtMs: 0 }),
  'reserving with a negative limit': (rpc) => rpc.reserveMedia({ ...RESERVE, maxPending: -1 }),
  'claiming nothing': (rpc) => rpc.claimUpload({ ...CLAIM, key: undefined }),
  'claiming a media id that is none': (rpc) => rpc.claimUpload({ ...CLAIM, key: { ...KEY, mediaId: 'a b' } }),
  'claiming a media id that is too long': (rpc) => rpc.claimUpload({ ...CLAIM, key: { ...KEY, mediaId: 'a'.repeat(256) } }),
  'claiming for nobody': (rpc) => rpc.claimUpload({ ...CLAIM, userId: '' }),
  'claiming for no time': (rpc) => rpc.claimUpload({ ...CLAIM, claimMs: 0 }),
  'committing nothing': (rpc) => rpc.commitUpload({ ...COMMIT, key: undefined }),
  'committing for nobody': (rpc) => rpc.commitUpload({ ...COMMIT, userId: '' }),
  'committing for a user id that is too long': (rpc) => rpc.commitUpload({ ...COMMIT, userId: `@${'a'.repeat(2000)}:b` }),
  'committing without content': (rpc) => rpc.commitUpload({ ...COMMIT, content: undefined }),
  'committing a digest that is none': (rpc) => rpc.commitUpload({ ...COMMIT, content: { ...CONTENT, digest: 'ABC' } }),
  'committing to another tenant’s store': (rpc) => rpc.commitUpload({ ...COMMIT, content: { ...CONTENT, store: 'b.example' } }),
  'committing to a store that is none': (rpc) => rpc.commitUpload({ ...COMMIT, content: { ...CONTENT, store: 'a/b' } }),
  'committing a negative size': (rpc) => rpc.commitUpload({ ...COMMIT, content: { ...CONTENT, sizeBytes: -1 } }),
  'committing a content type that splits headers': (rpc) => rpc.commitUpload({ ...COMMIT, content: { ...CONTENT, contentType: 'a/b\r\nx: y' } }),
  'abandoning nothing': (rpc) => rpc.abandonUpload({ key: undefined, claim: 'x' }),
  'abandoning no claim': (rpc) => rpc.abandonUpload({ key: KEY, claim: '' }),
  'recording without an origin': (rpc) => rpc.recordUpload({ ...RECORD, origin: '' }),
  'recording for nobody': (rpc) => rpc.recordUpload({ ...RECORD, userId: '' }),
  'recording without content': (rpc) => rpc.recordUpload({ ...RECORD, content: undefined }),
  'recording into another tenant’s store': (rpc) => rpc.recordUpload({ ...RECORD, content: { ...CONTENT, store: 'b.example' } }),
  'recording the image of a preview into a tenant’s store': (rpc) => rpc.recordUpload({ ...RECORD, content: { ...CONTENT, store: ORIGIN }, previewImage: { expiresAtMs: 1 } }),
  'resolving nothing': (rpc) => rpc.resolveMedia({ key: undefined, waitMs: 0 }),
  'waiting for a negative time': (rpc) => rpc.resolveMedia({ key: KEY, waitMs: -1 }),
  'waiting for longer than a timer can': (rpc) => rpc.resolveMedia({ key: KEY, waitMs: 2 ** 31 }),
  'quarantining a media id that is none': (rpc) => rpc.setQuarantine({ ...QUARANTINE, keys: [{ ...KEY, mediaId: '' }] }),
  'quarantining a digest that is none': (rpc) => rpc.setQuarantine({ ...QUARANTINE, digests: ['abc'] }),
  'quarantining without saying who': (rpc) => rpc.setQuarantine({ ...QUARANTINE, by: '' }),
  'quarantining in the name of the log itself': (rpc) => rpc.setQuarantine({ ...QUARANTINE, by: 'system' }),
  'quarantining too much at once': (rpc) => rpc.setQuarantine({ ...QUARANTINE, digests: many(CONTENT.digest) }),
  'deleting a media id that is none': (rpc) => rpc.deleteMedia({ keys: [{ ...KEY, origin: '' }], by: USER }),
  'deleting without saying who': (rpc) => rpc.deleteMedia({ keys: [KEY], by: '' }),
  'deleting too much at once': (rpc) => rpc.deleteMedia({ keys: [...many(KEY), KEY], by: USER }),
  'quarantining for too long a reason': (rpc) => rpc.setQuarantine({ ...QUARANTINE, reason: LONG_REASON }),
  'deleting into the trash for a negative time': (rpc) => rpc.deleteMedia({ keys: [KEY], by: USER, trashMs: -1 }),
  'deleting for too long a reason': (rpc) => rpc.deleteMedia({ keys: [KEY], by: USER, reason: LONG_REASON }),
  'protecting a media id that is none': (rpc) => rpc.setProtection({ keys: [{ ...KEY, mediaId: '' }], protected: true, by: USER }),
  'protecting without saying who': (rpc) => rpc.setProtection({ keys: [KEY], protected: true, by: '' }),
  'protecting too much at once': (rpc) => rpc.setProtection({ keys: [...many(KEY), KEY], protected: true, by: USER }),
  'restoring without saying who': (rpc) => rpc.restoreMedia({ keys: [KEY], by: '' }),
  'restoring too much at once': (rpc) => rpc.restoreMedia({ keys: [...many(KEY), KEY], by: USER }),
  'listing the trash from a place that is none': (rpc) => rpc.listTrash({ after: 'abc', limit: 1 }),
  'listing the trash from behind a media that can not be': (rpc) => rpc.listTrash({ after: '1/a b/c', limit: 1 }),
  'listing too much of the trash at once': (rpc) => rpc.listTrash({ limit: 1001 }),
  'emptying the trash of nothing': (rpc) => rpc.expireTrash({ limit: 0, dryRun: true }),
  'listing bans from a subject that is none': (rpc) => rpc.listBans({ after: 'abc', limit: 1 }),
  'listing bans from a media that is none': (rpc) => rpc.listBans({ after: 'mxc://a', limit: 1 }),
  'listing no bans': (rpc) => rpc.listBans({ limit: 0 }),
  'listing changes from a negative sequence': (rpc) => rpc.listChanges({ ...CHANGES, after: -1 }),
  'listing changes of no kind': (rpc) => rpc.listChanges({ ...CHANGES, kinds: [ChangeKind.UNSPECIFIED] }),
  'listing changes of a media that is none': (rpc) => rpc.listChanges({ ...CHANGES, key: { ...KEY, origin: '' } }),
  'listing too many changes': (rpc) => rpc.listChanges({ ...CHANGES, limit: 1001 }),
  'taking a lease without a name': (rpc) => rpc.takeLease({ ...LEASE, name: '' }),
  'taking a lease of a name that is too long': (rpc) => rpc.takeLease({ ...LEASE, name: 'a'.repeat(201) }),
  'taking a lease for nobody': (rpc) => rpc.takeLease({ ...LEASE, holder: '' }),
  'taking a lease for no time': (rpc) => rpc.takeLease({ ...LEASE, ttlMs: 0 }),
  'giving back a lease without a name': (rpc) => rpc.releaseLease({ name: 'A', holder: 'x' }),
  'creating a job that does nothing': (rpc) => rpc.createJob({ ...JOB, action: '' }),
  'creating a job of what is no JSON': (rpc) => rpc.createJob({ ...JOB, input: '{' }),
  'creating a job of too much': (rpc) => rpc.createJob({ ...JOB, input: JSON.stringify('ü'.repeat(33_000)) }),
  'creating a job for nobody': (rpc) => rpc.createJob({ ...JOB, by: '' }),
  'creating a job for a server that is none': (rpc) => rpc.createJob({ ...JOB, origin: '' }),
  'looking for a job whose id is none': (rpc) => rpc.getJob({ id: 'a b' }),
  'listing jobs from an id that is none': (rpc) => rpc.listJobs({ states: [], limit: 1, after: '' }),
  'listing jobs in no state': (rpc) => rpc.listJobs({ states: [JobState.UNSPECIFIED], limit: 1 }),
  'listing no jobs': (rpc) => rpc.listJobs({ states: [], limit: 0 }),
  'updating a job to no state': (rpc) => rpc.updateJob({ id: 'a', state: JobState.UNSPECIFIED, progress: '', failure: '' }),
  'updating a job with what is no JSON': (rpc) => rpc.updateJob({ id: 'a', state: JobState.RUNNING, progress: 'x', failure: '' }),
  'cancelling a job whose id is none': (rpc) => rpc.cancelJob({ id: '' }),
  'saving a position without a name': (rpc) => rpc.savePosition({ name: '', position: 1 }),
  'saving a negative position': (rpc) => rpc.savePosition({ name: 'a', position: -1 }),
  'looking for a position without a name': (rpc) => rpc.getPosition({ name: 'Ä' }),
  'marking a digest that is none': (rpc) => rpc.markBlobs({ store: '', digests: [''], lost: true, by: USER }),
  'marking without saying who': (rpc) => rpc.markBlobs({ store: '', digests: [CONTENT.digest], lost: true, by: '' }),
  'marking too much at once': (rpc) => rpc.markBlobs({ store: '', digests: [...many(CONTENT.digest), CONTENT.digest], lost: true, by: USER }),
  'marking in a store that is none': (rpc) => rpc.markBlobs({ store: 'a/b', digests: [CONTENT.digest], lost: true, by: USER }),
  'watching from a negative position': (rpc) => Array.fromAsync(rpc.watchChanges({ after: -1 })),
  'listing references from a digest that is none': (rpc) => Array.fromAsync(rpc.listReferences({ store: '', after: 'abc' })),
  'listing references in a store that is none': (rpc) => Array.fromAsync(rpc.listReferences({ store: 'a/b' })),
  'expiring before no time': (rpc) => rpc.expirePending({ ...EXPIRE, lapsedBeforeMs: 0 }),
  'expiring nothing at once': (rpc) => rpc.expirePending({ ...EXPIRE, limit: 0 }),
  'expiring too much at once': (rpc) => rpc.expirePending({ ...EXPIRE, limit: 1001 }),
  'recording the image of a preview that never goes': (rpc) => rpc.recordUpload({ ...RECORD, previewImage: { expiresAtMs: 0 } }),
  'keeping a preview under a key that is none': (rpc) => rpc.putUrlPreview({ key: 'https://a/', preview: PREVIEW }),
  'keeping no preview': (rpc) => rpc.putUrlPreview({ key: CONTENT.digest, preview: undefined }),
  'keeping a preview for no time': (rpc) => rpc.putUrlPreview({ key: CONTENT.digest, preview: { ...PREVIEW, expiresAtMs: 1 } }),
  'keeping a preview that is too long': (rpc) => rpc.putUrlPreview({ key: CONTENT.digest, preview: { ...PREVIEW, body: ' '.repeat(300_000) } }),
  'looking for a preview under a key that is none': (rpc) => rpc.getUrlPreview({ key: '', atMs: 1 }),
  'looking for a preview before all time': (rpc) => rpc.getUrlPreview({ key: CONTENT.digest, atMs: -1 }),
  'expiring previews before no time': (rpc) => rpc.expireUrlPreviews({ expiredBeforeMs: 0, limit: 1, dryRun: true }),
  'expiring too many previews at once': (rpc) => rpc.expireUrlPreviews({ expiredBeforeMs: 1, limit: 1001, dryRun: true }),
  'condemning a digest that is none': (rpc) => rpc.condemnBlobs({ store: '', blobs: [{ digest: '', storedAtMs: 1 }], dryRun: true }),
  'condemning what was never stored': (rpc) => rpc.condemnBlobs({ store: '', blobs: [{ ...BLOB, storedAtMs: 0 }], dryRun: true }),
  'condemning too much at once': (rpc) => rpc.condemnBlobs({ store: '', blobs: [...many(BLOB), BLOB], dryRun: true }),
  'condemning in a store that is none': (rpc) => rpc.condemnBlobs({ store: 'a/b', blobs: [BLOB], dryRun: true }),
  'claiming removals in a store that is none': (rpc) => rpc.claimRemovals({ ...REMOVALS, store: 'a/b' }),
  'claiming removals of the future': (rpc) => rpc.claimRemovals({ ...REMOVALS, waitMs: -1 }),
  'claiming removals for no time': (rpc) => rpc.claimRemovals({ ...REMOVALS, claimMs: 0 }),
  'claiming no removals': (rpc) => rpc.claimRemovals({ ...REMOVALS, limit: 0 }),
  'claiming too many removals': (rpc) => rpc.claimRemovals({ ...REMOVALS, limit: 1001 }),
  'finishing the removal of a digest that is none': (rpc) => rpc.finishRemovals({ store: '', digests: ['abc'] }),
  'finishing removals in a store that is none': (rpc) => rpc.finishRemovals({ store: 'a/b', digests: [CONTENT.digest] }),
  'finishing too many removals': (rpc) => rpc.finishRemovals({ store: '', digests: [...many(CONTENT.digest), CONTENT.digest] }),
  'a batch with a name that is none': (rpc) => rpc.batchGetMedia({ keys: [KEY, { origin: '', mediaId: '' }] }),
};

describe('a bad request', () => {
  const client = useService();

  for (const [name, call] of Object.entries(BAD)) {
    test(`${name} is refused`, () => assert.rejects(call(client.rpc), because('INVALID_PARAM')));
  }

  test('an upload name is cleaned, not refused', async () => {
    const { record } = await client.rpc.recordUpload({ ...RECORD, content: { ...CONTENT, uploadName: '../a\u202e\n.png' } });
    assert.equal(record?.content?.uploadName, '.._a.png');
  });
});
