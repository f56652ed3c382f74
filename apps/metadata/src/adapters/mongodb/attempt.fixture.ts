/**
 * A process of its own that does one thing to a store, for tests: `node attempt.fixture.ts URI DATABASE WHAT MEDIA_ID USER DIGEST`,
 * where WHAT is `commit` or `delete`. It writes `ok`, or the reason of the refusal.
 */
import { parseDigest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import { parseMediaId } from '@medley/domain/media-id';
import { quietTelemetry } from '@medley/testing/telemetry';
import { contentOf, ORIGIN, soon } from '../../ports/samples.contract.ts';
import { openMongoDbStore } from './mongodb-store.ts';

const [serverUri = '', database = '', what = '', mediaId = '', userId = '', digest = ''] = process.argv.slice(2);
await using store = openMongoDbStore({ uri: serverUri, database }, quietTelemetry().log);
const uri = { origin: ORIGIN, mediaId: parseMediaId(mediaId) };
try {
  if (what === 'delete') await store.acts.delete({ uris: [uri], by: userId }, soon());
  else await store.commit(uri, { userId, content: { ...contentOf('a'), digest: parseDigest(digest) } }, soon());
  process.stdout.write('ok');
} catch (error) {
  process.stdout.write(error instanceof MediaError ? error.reason : String(error));
}
