import { orAbort } from '@medley/streams/abort';
import type { Collection, Db } from 'mongodb';
import type { ActDocument, AnyDocument, MarkDocument, MediaDocument, PendingDocument, PreviewDocument, VerdictDocument } from './documents.ts';
import type { RedactionDocument, StateDocument, UseDocument } from './room-documents.ts';
import type { CancellationDocument, JobDocument, LeaseDocument, PositionDocument } from './job-documents.ts';
import { translateMongoError } from './mongodb-errors.ts';
import type { QuotaDocument } from './quota-documents.ts';
import type { TrashDocument } from './trash-documents.ts';
import type { JudgementDocument, ToExamineDocument } from './verdict-documents.ts';

/** The collections of one database, and the clock. */
export class MongoDbSession {
  readonly media: Collection<MediaDocument>;
  readonly pending: Collection<PendingDocument>;
  /** The two above, for what concerns both. */
  readonly everything: readonly Collection<AnyDocument>[];
  readonly acts: Collection<ActDocument>;
  readonly condemned: Collection<MarkDocument>;
  readonly verdicts: Collection<VerdictDocument>;
  readonly previews: Collection<PreviewDocument>;
  readonly roomUses: Collection<UseDocument>;
  readonly roomStates: Collection<StateDocument>;
  readonly roomRedactions: Collection<RedactionDocument>;
  readonly trash: Collection<TrashDocument>;
  readonly leases: Collection<LeaseDocument>;
  readonly jobs: Collection<JobDocument>;
  readonly cancellations: Collection<CancellationDocument>;
  readonly positions: Collection<PositionDocument>;
  readonly quotaReservations: Collection<QuotaDocument>;
  readonly judgements: Collection<JudgementDocument>;
  readonly toExamine: Collection<ToExamineDocument>;
  readonly now: () => number;

  constructor(database: Db, now: () => number) {
    this.media = database.collection('media');
    // Local reads see the most, which is what a limit needs.
    this.pending = database.collection('pending', { readConcern: { level: 'local' } });
    this.everything = ['media', 'pending'].map((name) => database.collection<AnyDocument>(name));
    this.acts = database.collection('acts');
    this.condemned = database.collection('condemned');
    this.verdicts = database.collection('verdicts');
    this.previews = database.collection('previews');
    this.roomUses = database.collection('room_uses');
    this.roomStates = database.collection('room_states');
    this.roomRedactions = database.collection('room_redactions');
    this.trash = database.collection('trash');
    this.leases = database.collection('leases');
    this.jobs = database.collection('jobs');
    this.cancellations = database.collection('cancellations');
    this.positions = database.collection('positions');
    this.quotaReservations = database.collection('quota_reservations', { readConcern: { level: 'local' } });
    this.judgements = database.collection('content_verdicts');
    this.toExamine = database.collection('content_to_examine');
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
