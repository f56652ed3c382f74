/**
 * A process of its own that reserves or commits on a store, for tests: `node contender.fixture.ts PATH USER`. For each
 * line on its input, a media id to commit, `reserve` or `ban`, it writes one line: `ok`, or the reason of the refusal.
 */
import { createInterface } from 'node:readline';
import { MediaError } from '@medley/domain/media-error';
import { parseMediaId } from '@medley/domain/media-id';
import { contentOf, ORIGIN, ownContent, reservationOf, soon } from '../../ports/samples.contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

const [path = '', userId = ''] = process.argv.slice(2);
await using store = await openSqliteStore(path);
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await attempt(line)}\n`);
}

async function attempt(line: string): Promise<string> {
  try {
    if (line === 'reserve') await store.reserve(reservationOf(userId, { maxPending: 5 }), soon());
    else if (line === 'ban') await store.acts.setQuarantine({ uris: [], digests: [ownContent().digest], isQuarantined: true, by: userId }, soon());
    else await store.commit({ origin: ORIGIN, mediaId: parseMediaId(line) }, { userId, content: contentOf('a') }, soon());
    return 'ok';
  } catch (error) {
    return error instanceof MediaError ? error.reason : String(error);
  }
}
