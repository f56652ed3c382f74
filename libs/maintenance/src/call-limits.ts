import type { JobContext } from './job.ts';

const MINUTE_MS = 60_000;
/** A list is opened anew where it was after this long, since nobody can say how long all of it takes. */
const LIST_MS = 10 * MINUTE_MS;
/** For what reads everything before it answers. */
const WHOLE_MS = 30 * MINUTE_MS;
/** A store that reads slower than this is as good as gone. */
const SLOWEST_BYTES_PER_MS = 1000;

/** The options of calls by a job: they end with its signal, and each has the time that it may need. */
export const callLimits = {
  batch: ({ signal }: JobContext) => ({ signal, timeoutMs: MINUTE_MS }),
  list: ({ signal }: JobContext) => ({ signal, timeoutMs: LIST_MS }),
  whole: ({ signal }: JobContext) => ({ signal, timeoutMs: WHOLE_MS }),
  read: ({ signal }: JobContext, sizeBytes: number) => ({ signal, timeoutMs: MINUTE_MS + Math.ceil(sizeBytes / SLOWEST_BYTES_PER_MS) }),
} as const;
