import { createHash } from 'node:crypto';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { Site } from '../harness/site.ts';
import { withMetadata } from '../maintenance/stores.ts';

const AT_ONCE = 16;

/** Records so many media of a user, each with a digest of its own and nothing behind it: what jobs do is done to records. */
export async function recordMany(site: Site, userId: string, count: number): Promise<void> {
  await withMetadata(site, async (rpc) => {
    for (let from = 0; from < count; from += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_none, index) => `${userId} ${from + index}`);
      await Promise.all(batch.map((name) => rpc.recordUpload({ origin: site.serverName, userId, content: contentOf(name) })));
    }
  });
}

function contentOf(name: string) {
  return { digest: createHash('sha256').update(name).digest('hex'), store: COMMON_STORE, sizeBytes: 1000, contentType: 'image/png', uploadName: undefined, frozen: true };
}
