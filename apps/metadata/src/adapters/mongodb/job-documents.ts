import { withCancellation, type Job, type JobReport, type NewJob } from '../../domain/job.ts';

/** In the collection `leases`: one turn of a lease; never changes. Each renewal and each end is a turn of its own. */
export interface LeaseDocument {
  /** `<name>/<turn>` */
  readonly _id: string;
  readonly name: string;
  readonly turn: number;
  readonly holder: string;
  /** Unix milliseconds. */
  readonly until: number;
}

/** In the collection `jobs`: what its doer alone changes. */
export interface JobDocument extends NewJob, JobReport {
  readonly _id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** In the collection `cancellations`: somebody wants a job to end; never changes. */
export interface CancellationDocument {
  /** The job's. */
  readonly _id: string;
  readonly at: number;
}

/** In the collection `positions`. */
export interface PositionDocument {
  readonly _id: string;
  readonly position: number;
}

/** What the rest of the service sees of a job. */
export function toJob({ _id: id, ...document }: JobDocument, cancellation: CancellationDocument | undefined): Job {
  const updatedAt = Math.max(document.updatedAt, cancellation?.at ?? 0);
  return withCancellation({ id, ...document, updatedAt, isCancelRequested: false }, cancellation !== undefined);
}
