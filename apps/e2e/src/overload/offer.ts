/** What a load generator is asked to do. */
export interface Offer {
  readonly port: number;
  readonly seconds: number;
  /** Requests begun each second, whether or not others were answered; without it as many as are answered, over all connections. */
  readonly perSecond?: number;
  /** A request that finds all of them busy is not made, as by a proxy with so many. */
  readonly connections: number;
  /** After this long nobody waits for an answer any more, in milliseconds. */
  readonly patienceMs: number;
  /** Taken in turn; what was refused is asked for again before others. */
  readonly requests: readonly OfferedRequest[];
  /** Whether each of them may be answered once only. */
  readonly isOnce: boolean;
}

export interface OfferedRequest {
  readonly head: string;
  /** Sends so many bytes, no two bodies the same. */
  readonly bodyBytes?: number;
}

/** What came of it. */
export interface Yield {
  readonly begun: number;
  /** Answered with 200 while somebody waited for it. */
  readonly good: number;
  /** 503 or 429, with Retry-After. */
  readonly refused: number;
  readonly late: number;
  /** Any other answer, or none. */
  readonly failed: number;
  /** Found no free connection. */
  readonly notMade: number;
  readonly seconds: number;
  /** Milliseconds that half of those who were not refused waited at most, answered or until they went away; `null` where there were none. */
  readonly waitMedianMs: number | null;
  /** Milliseconds that 99 of 100 did not exceed; `null` where there were none. */
  readonly goodP99Ms: number | null;
  readonly refusedP99Ms: number | null;
  /** How many of the requests, from the first, must not be asked for again. */
  readonly used: number;
  readonly failures: readonly string[];
}
