import { mintMediaId } from '@medley/domain/media-id';
import { isEnded, storedStates, type Job, type JobReport, type NewJob } from '../../domain/job.ts';
import type { JobQuery, Jobs } from '../../ports/jobs.ts';
import { insertIfNew } from './insert.ts';
import { toJob, type JobDocument } from './job-documents.ts';
import { isDuplicateKey } from './mongodb-errors.ts';
import { guarded, type MongoDbSession } from './session.ts';

/**
 * Jobs as documents that only their doers change; that somebody wants one to end is a document of its own. So none of two
 * who write at once takes away what the other has written, be updates atomic or not.
 */
export class MongoDbJobs implements Jobs {
  readonly #session: MongoDbSession;

  constructor(session: MongoDbSession) {
    this.#session = session;
  }

  create({ action, input, by, reason, origin }: NewJob, signal: AbortSignal): Promise<Job> {
    return guarded(signal, async () => {
      const now = this.#session.now();
      const job = { action, input, by, ...(reason !== undefined && { reason }), origin };
      const document: JobDocument = { _id: mintMediaId(now), ...job, state: 'queued', createdAt: now, updatedAt: now, progress: '', failure: '' };
      await this.#session.jobs.insertOne(document);
      return toJob(document, undefined);
    });
  }

  get(id: string, signal: AbortSignal): Promise<Job | undefined> {
    return guarded(signal, () => this.#find(id));
  }

  list({ states, limit, before }: JobQuery, signal: AbortSignal): Promise<readonly Job[]> {
    return guarded(signal, async () => {
      const found: Job[] = [];
      for (let behind = before; found.length < limit;) {
        const page = await this.#read({ states, limit: limit - found.length, before: behind });
        found.push(...page.filter(({ state }) => states.length === 0 || states.includes(state)));
        behind = page.at(-1)?.id;
        if (behind === undefined) break;
      }
      return found;
    });
  }

  update(id: string, { state, progress, failure }: JobReport, signal: AbortSignal): Promise<Job | undefined> {
    return guarded(signal, async () => {
      const found = await this.#find(id);
      if (found === undefined || isEnded(found.state)) return found;
      await this.#session.jobs.updateOne({ _id: id }, { $set: { state, progress, failure, updatedAt: this.#session.now() } });
      return this.#find(id);
    });
  }

  cancel(id: string, signal: AbortSignal): Promise<Job | undefined> {
    return guarded(signal, async () => {
      const found = await this.#find(id);
      if (found === undefined || isEnded(found.state)) return found;
      await insertIfNew(this.#session.cancellations, { _id: id, at: this.#session.now() });
      return this.#find(id);
    });
  }

  savePosition(name: string, position: number, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      for (;;) {
        try {
          await this.#session.positions.updateOne({ _id: name }, { $set: { position } }, { upsert: true });
          return;
        } catch (error) {
          // Somebody else has just made it.
          if (!isDuplicateKey(error)) throw error;
        }
      }
    });
  }

  getPosition(name: string, signal: AbortSignal): Promise<number | undefined> {
    return guarded(signal, async () => (await this.#session.positions.findOne({ _id: name }))?.position);
  }

  async #find(id: string): Promise<Job | undefined> {
    const [document] = await this.#session.jobs.find({ _id: id }).limit(1).toArray();
    return document && (await this.#withCancellations([document]))[0];
  }

  async #read({ states, limit, before }: JobQuery): Promise<Job[]> {
    const wanted = { ...(states.length > 0 && { state: { $in: [...storedStates(states)] } }), ...(before !== undefined && { _id: { $lt: before } }) };
    return this.#withCancellations(await this.#session.jobs.find(wanted).sort({ _id: -1 }).limit(limit).toArray());
  }

  async #withCancellations(documents: readonly JobDocument[]): Promise<Job[]> {
    if (documents.length === 0) return [];
    const found = await this.#session.cancellations.find({ _id: { $in: documents.map(({ _id }) => _id) } }).toArray();
    const cancellations = new Map(found.map((cancellation) => [cancellation._id, cancellation]));
    return documents.map((document) => toJob(document, cancellations.get(document._id)));
  }
}
