import type { MxcUri } from '@medley/domain/mxc-uri';
import { toBucket, type KeptPreview, type PreviewExpiry, type PreviewShelf } from '../../ports/preview-shelf.ts';
import type { PreviewDocument } from './documents.ts';
import { insertIfNew } from './insert.ts';
import { guarded, type MongoDbSession } from './session.ts';

/** Previews as documents that never change: the `_id` holds the bucket, so that one of several insertions succeeds. */
export class MongoDbPreviews implements PreviewShelf {
  readonly #session: MongoDbSession;

  constructor(session: MongoDbSession) {
    this.#session = session;
  }

  put(key: string, { body, failed, fetchedAt, expiresAt }: KeptPreview, signal: AbortSignal): Promise<KeptPreview> {
    return guarded(signal, async () => {
      const { previews } = this.#session;
      const document: PreviewDocument = { _id: `${key}/${toBucket(fetchedAt)}`, key, body, failed, fetchedAt, expiresAt };
      if (await insertIfNew(previews, document)) return toPreview(document);
      const [kept] = await previews.find({ _id: document._id }).toArray();
      return toPreview(kept ?? document);
    });
  }

  get(key: string, at: number, signal: AbortSignal): Promise<KeptPreview | undefined> {
    return guarded(signal, async () => {
      const { previews } = this.#session;
      const [latest] = await previews.find({ key, fetchedAt: { $lte: at } }).sort({ fetchedAt: -1 }).limit(1).toArray();
      return latest !== undefined && latest.expiresAt > at ? toPreview(latest) : undefined;
    });
  }

  expire({ expiredBefore, limit, isDryRun }: PreviewExpiry, signal: AbortSignal): Promise<number> {
    return guarded(signal, async () => {
      const { previews, now } = this.#session;
      const expired = { expiresAt: { $lt: Math.min(expiredBefore, now()) } };
      const documents = await previews.find(expired, { projection: { _id: 1 } }).limit(limit).toArray();
      if (isDryRun || documents.length === 0) return documents.length;
      const { deletedCount } = await previews.deleteMany({ _id: { $in: documents.map(({ _id }) => _id) } });
      return deletedCount;
    });
  }

  findExpiredImages({ expiredBefore, limit }: Pick<PreviewExpiry, 'expiredBefore' | 'limit'>, signal: AbortSignal): Promise<readonly MxcUri[]> {
    return guarded(signal, async () => {
      const { media, now } = this.#session;
      const expired = { expiresAt: { $lt: Math.min(expiredBefore, now()) }, isProtected: { $ne: true } };
      const documents = await media.find(expired, { projection: { origin: 1, mediaId: 1 } }).limit(limit).toArray();
      return documents.map(({ origin, mediaId }) => ({ origin, mediaId }));
    });
  }
}

function toPreview({ body, failed, fetchedAt, expiresAt }: PreviewDocument): KeptPreview {
  return { body, failed, fetchedAt, expiresAt };
}
