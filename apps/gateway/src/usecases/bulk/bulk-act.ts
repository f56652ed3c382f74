import type { Tenant } from '../../tenants.ts';

/** Something that is done to many media while its requester waits. */
export interface BulkAct {
  readonly tenant: Tenant;
  /** The user id of the admin who wants it. */
  readonly by: string;
  /** Which call it was, for the log of what happened. */
  readonly reason: string;
  /** Ends it after the batch under way. */
  readonly signal: AbortSignal;
  /** After how long no further batch is begun, in milliseconds. */
  readonly budgetMs: number;
}

/** What of it is done. Of one that is not complete, the same call again does the rest. */
export interface BulkOutcome {
  /** How many records it took hold of. */
  readonly count: number;
  readonly isComplete: boolean;
}

/** Short of what proxies and clients usually wait for an answer. */
export const BULK_BUDGET_MS = 25_000;
/** So many media are changed by one call; between two of them the time is looked at. */
export const BATCH = 100;
/** Acts are numbered one after the other, so a batch of them takes its time. */
export const BATCH_TIMEOUT_MS = 60_000;

/** A reason is at most 1000 characters, which a room id from a URL need not keep to. */
export function toReason(what: string): string {
  return what.slice(0, 1000);
}

/** Whether there is time for another batch. Throws when the requester has left. */
export function stopwatch({ signal, budgetMs }: Pick<BulkAct, 'signal' | 'budgetMs'>): () => boolean {
  const until = performance.now() + budgetMs;
  return () => {
    signal.throwIfAborted();
    return performance.now() < until;
  };
}
