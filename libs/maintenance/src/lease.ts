import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import type { JobContext } from './job.ts';

export interface LeaseTerms {
  /** What is leased. */
  readonly name: string;
  /** Who leases it; nobody else may have this name. */
  readonly holder: string;
  readonly ttlMs: number;
}

type LeaseCalls = Pick<JobContext['metadata'], 'takeLease' | 'releaseLease'>;

/** Of its time; so one renewal may fail. */
const RENEWED_AFTER = 1 / 4;
/** Of its time; clocks differ, and work under way needs a while to end. */
const LOST_AFTER = 3 / 4;

/**
 * Runs `work` while this process holds the lease, and gives it back afterwards. Answers `false`, and runs nothing, where another
 * holds it. The signal that `work` is given aborts when `signal` does, and when the lease could not be kept.
 */
export async function withLease(metadata: LeaseCalls, terms: LeaseTerms, work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<boolean> {
  const askedAt = performance.now();
  if (!(await metadata.takeLease(terms, { signal })).granted) return false;
  const ended = new AbortController();
  const lost = new AbortController();
  const renewing = renew(metadata, { ...terms, askedAt }, lost, ended.signal);
  try {
    await work(AbortSignal.any([signal, lost.signal]));
    return true;
  } finally {
    ended.abort();
    await renewing;
    // One that can't be given back ends by itself.
    await metadata.releaseLease(terms).catch(() => {});
  }
}

async function renew(metadata: LeaseCalls, { askedAt, ...terms }: LeaseTerms & { askedAt: number }, lost: AbortController, ended: AbortSignal): Promise<void> {
  let takenAt = askedAt;
  while (!ended.aborted && !lost.signal.aborted) {
    await sleep(terms.ttlMs * RENEWED_AFTER, undefined, { signal: ended }).catch(() => {});
    if (ended.aborted) return;
    const now = performance.now();
    // While metadata can't be asked, nobody else can take it either, until it has ended.
    const granted = await metadata.takeLease(terms, { signal: ended, timeoutMs: terms.ttlMs * RENEWED_AFTER }).then((answer) => answer.granted, () => undefined);
    if (granted === true) takenAt = now;
    if (granted === false || performance.now() > takenAt + terms.ttlMs * LOST_AFTER) lost.abort(new MediaError('SERVICE_UNAVAILABLE', 'The lease was lost'));
  }
}
