import { orAbort } from '@medley/streams/abort';
import type { Collection, Db } from 'mongodb';
import type { ActDocument, MarkDocument, MediaDocument, PendingDocument, PreviewDocument, VerdictDocument } from './documents.ts';
import { translateMongoError } from './mongodb-errors.ts';

/** The collections of one database, and the clock. */
export class MongoDbSession {
  readonly media: Collection<MediaDocument>;
  readonly pending: Collection<PendingDocument>;
  readonly acts: Collection<ActDocument>;
  readonly condemned: Collection<MarkDocument>;
  readonly verdicts: Collection<VerdictDocument>;
  readonly previews: Collection<PreviewDocument>;
  readonly now: () => number;

  constructor(database: Db, now: () => number) {
    this.media = database.collection('media');
    // Local reads see the most, which is what a limit needs.
    this.pending = database.collection('pending', { readConcern: { level: 'local' } });
    this.acts = database.collection('acts');
    this.condemned = database.collection('condemned');
    this.verdicts = database.collection('verdicts');
    this.previews = database.collection('previews');
    this.now = now;
  }
}

/** Ends the wait for `work` when `signal` aborts, and translates what it throws. */
export async function guarded<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  try {
    return await orAbort(work(), signal);
  } catch (error) {
    throw translateMongoError(error);
  }
}
