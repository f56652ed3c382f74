import { mintMediaId } from '@medley/domain/media-id';
import { isEnded, withCancellation, type Job, type JobReport, type JobState, type NewJob } from '../../domain/job.ts';
import type { JobQuery, Jobs } from '../../ports/jobs.ts';
import type { SqliteSession } from './session.ts';

interface JobRow {
  readonly id: string;
  readonly action: string;
  readonly input: string;
  readonly state: JobState;
  readonly actor: string;
  readonly reason: string | null;
  readonly origin: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly progress: string;
  readonly failure: string;
  readonly is_cancelled: number;
}

/** Jobs and positions as rows. */
export class SqliteJobs implements Jobs {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async create({ action, input, by, reason, origin }: NewJob, signal: AbortSignal): Promise<Job> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const id = mintMediaId(now());
      sql.createJob.run({ id, action, input, actor: by, reason: reason ?? null, origin, now: now() });
      return toJob(sql.job.get({ id }) as unknown as JobRow);
    });
  }

  async get(id: string, signal: AbortSignal): Promise<Job | undefined> {
    return this.#session.read(signal, () => this.#find(id));
  }

  async list({ states, limit, before }: JobQuery, signal: AbortSignal): Promise<readonly Job[]> {
    const wanted = { states: states.length === 0 ? null : JSON.stringify(states), limit, before: before ?? null };
    return this.#session.read(signal, () => (this.#session.sql.jobsBefore.all(wanted) as unknown as JobRow[]).map(toJob));
  }

  async update(id: string, report: JobReport, signal: AbortSignal): Promise<Job | undefined> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const { state, progress, failure } = report;
      const found = this.#find(id);
      if (found !== undefined && !isEnded(found.state)) sql.updateJob.run({ id, state, progress, failure, now: now() });
      return this.#find(id);
    });
  }

  async cancel(id: string, signal: AbortSignal): Promise<Job | undefined> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const found = this.#find(id);
      if (found !== undefined && !isEnded(found.state)) sql.cancelJob.run({ id, now: now() });
      return this.#find(id);
    });
  }

  async savePosition(name: string, position: number, signal: AbortSignal): Promise<void> {
    this.#session.write(signal, () => this.#session.sql.savePosition.run({ name, position }));
  }

  async getPosition(name: string, signal: AbortSignal): Promise<number | undefined> {
    const row = this.#session.read(signal, () => this.#session.sql.position.get({ name }));
    return row === undefined ? undefined : Number(row['position']);
  }

  #find(id: string): Job | undefined {
    const row = this.#session.sql.job.get({ id }) as JobRow | undefined;
    return row && toJob(row);
  }
}

function toJob({ actor, reason, created_at: createdAt, updated_at: updatedAt, is_cancelled, ...row }: JobRow): Job {
  const job = { ...row, by: actor, ...(reason !== null && { reason }), createdAt, updatedAt, isCancelRequested: false };
  return withCancellation(job, is_cancelled === 1);
}
