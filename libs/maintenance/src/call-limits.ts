import type { JobContext } from './job.ts';

type Ended = Pick<JobContext, 'signal'>;

const MINUTE_MS = 60_000;
/** A list is opened anew where it was after this long, since nobody can say how long all of it takes. */
const LIST_MS = 10 * MINUTE_MS;
/** For what reads everything before it answers. */
const WHOLE_MS = 30 * MINUTE_MS;
/** A store that reads slower than this is as good as gone. */
const SLOWEST_BYTES_PER_MS = 1000;

/** The options of calls by a job: they end with its signal, and each has the time that it may need. */
export const callLimits = {
  batch: ({ signal }: Ended) => ({ signal, timeoutMs: MINUTE_MS }),
  list: ({ signal }: Ended) => ({ signal, timeoutMs: LIST_MS }),
  whole: ({ signal }: Ended) => ({ signal, timeoutMs: WHOLE_MS }),
  read: ({ signal }: Ended, sizeBytes: number) => ({ signal, timeoutMs: MINUTE_MS + Math.ceil(sizeBytes / SLOWEST_BYTES_PER_MS) }),
} as const;
