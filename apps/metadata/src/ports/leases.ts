/** Who wants to have what, and for how long. */
export interface LeaseWish {
  readonly name: string;
  /** Who takes it, or keeps it. */
  readonly holder: string;
  /** Milliseconds. */
  readonly ttlMs: number;
}

/** What has come of a wish. */
export interface LeaseAnswer {
  readonly isGranted: boolean;
  /** Unix milliseconds; when the lease ends, whoever holds it. */
  readonly until: number;
}

/**
 * Rights that one holder has at a time, among all processes, by their clocks: whoever works under a lease stops well
 * before it ends.
 */
export interface Leases {
  /** Takes a lease that nobody has, or that its holder has and goes on having. Of several exactly one has it. */
  take(wish: LeaseWish, signal: AbortSignal): Promise<LeaseAnswer>;

  /** Gives a lease back. Does nothing if somebody else has it. */
  release(name: string, holder: string, signal: AbortSignal): Promise<void>;
}
