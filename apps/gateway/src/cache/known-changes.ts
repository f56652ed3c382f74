import { toMxcText } from '@medley/domain/mxc-uri';
import type { WatchChangesResponse } from '@medley/proto/metadata/moderation';

/** What was looked up of one media, and what was known when the look-up began. */
export interface Sighting {
  /** The mxc URI. */
  readonly name: string;
  /** Of its bytes; empty while there are none. */
  readonly digest: string;
  /** `KnownChanges.moment` then. */
  readonly asOf: number;
}

/** Before anything was heard: of a look-up that began then nobody knows what has happened since. */
const UNKNOWN = -1;
const MAX_SUBJECTS = 100_000;

export interface KnownChangesOptions {
  /** How long after it last heard of changes a gateway may answer with what it holds, in milliseconds. */
  readonly maxStaleMs: number;
  /** How many media and digests are remembered; beyond, everything that was cached before is given up. */
  readonly maxSubjects?: number;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

/**
 * Knows what has happened to which media and bytes, so that whoever keeps a copy of a record can tell whether it is
 * still good. Asking costs two map look-ups.
 */
export class KnownChanges {
  readonly #maxStaleMs: number;
  readonly #maxSubjects: number;
  readonly #now: () => number;
  /** When something happened to a media or to bytes for the last time. */
  readonly #latest = new Map<string, number>();
  #position: number | undefined;
  #moment = UNKNOWN;
  /** What was seen before is not compared any more: it may have changed. */
  #floor = UNKNOWN;
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor({ maxStaleMs, maxSubjects = MAX_SUBJECTS, now = () => performance.now() }: KnownChangesOptions) {
    this.#maxStaleMs = maxStaleMs;
    this.#maxSubjects = maxSubjects;
    this.#now = now;
  }

  /** The sequence up to which every change is known; none before anything was heard. */
  get position(): number | undefined {
    return this.#position;
  }

  /**
   * Grows with every change that is heard of: whoever begins to look something up remembers it. Our own count, since
   * sequences begin anew where metadata is restored from a backup.
   */
  get moment(): number {
    return this.#moment;
  }

  /** How long ago anything was heard, in milliseconds; infinite before the first time. */
  get ageMs(): number {
    return this.#now() - this.#heardAt;
  }

  /** Learns what metadata has told, be it only that nothing happened. */
  hear({ position, changes }: WatchChangesResponse): void {
    // at first, and after a restore, what was seen before may be anything
    if (this.#position === undefined || position < this.#position) this.#forget();
    for (const { subject } of changes) {
      if (subject !== undefined) this.#note(subject.$case === 'key' ? toMxcText(subject.value) : subject.value);
    }
    this.#position = position;
    this.#heardAt = this.#now();
  }

  /** Learns what this gateway has done itself, or tried to, to these media (their mxc URIs) and bytes (their digests). */
  noteOwn(subjects: readonly string[]): void {
    for (const subject of subjects) this.#note(subject);
  }

  /** Whether something has happened to this media or its bytes since it was seen, or might have. */
  hasChanged({ name, digest, asOf }: Sighting): boolean {
    return asOf < this.#floor || (this.#latest.get(name) ?? asOf) > asOf || (this.#latest.get(digest) ?? asOf) > asOf;
  }

  /** Whether a request may be answered with what was seen then, without asking anybody. */
  isCurrent(sighting: Sighting): boolean {
    return this.ageMs <= this.#maxStaleMs && !this.hasChanged(sighting);
  }

  #note(subject: string): void {
    this.#moment += 1;
    this.#latest.set(subject, this.#moment);
    if (this.#latest.size > this.#maxSubjects) this.#forget();
  }

  #forget(): void {
    this.#moment += 1;
    this.#latest.clear();
    this.#floor = this.#moment;
  }
}
