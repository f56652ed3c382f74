import type { Logger } from '@medley/telemetry/logger';
import type { Services } from '../services.ts';

/** How many media one call may name. */
const MAX_BATCH = 1000;
const CALL_TIMEOUT_MS = 5000;
/** What the last flush may take in all, while the service waits to stop. */
const LAST_FLUSH_MS = 3000;

export interface AccessMarksOptions {
  readonly flushEveryMs?: number;
  /** Of media that is noted at once; more is not. */
  readonly maxMarks?: number;
}

/**
 * Notes which media was asked for, and tells metadata now and then, so that no request waits for it. What could not be told
 * is told with the next; what a crash loses is minutes of something that counts in days.
 */
export class AccessMarks implements AsyncDisposable {
  readonly #metadata: Pick<Services['metadata'], 'markAccessed'>;
  readonly #log: Logger;
  readonly #maxMarks: number;
  readonly #timer: NodeJS.Timeout;
  /** When each was last asked for (Unix milliseconds), by its mxc URI. */
  #marks = new Map<string, number>();
  #flush: Promise<void> | undefined;

  constructor(metadata: Pick<Services['metadata'], 'markAccessed'>, log: Logger, { flushEveryMs = 30_000, maxMarks = 100_000 }: AccessMarksOptions = {}) {
    this.#metadata = metadata;
    this.#log = log;
    this.#maxMarks = maxMarks;
    this.#timer = setInterval(() => void this.flush(AbortSignal.timeout(flushEveryMs)), flushEveryMs).unref();
  }

  /** Notes that somebody asks for the media with this mxc URI, now. */
  mark(name: string): void {
    if (this.#marks.size < this.#maxMarks || this.#marks.has(name)) this.#marks.set(name, Date.now());
  }

  /** Tells all that was noted. Never rejects: what could not be told is kept. */
  flush(signal: AbortSignal): Promise<void> {
    return (this.#flush ??= this.#tellAll(signal).finally(() => (this.#flush = undefined)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const signal = AbortSignal.timeout(LAST_FLUSH_MS);
    // One that is under way knows nothing of what was noted since it began.
    await this.#flush;
    await this.flush(signal);
  }

  async #tellAll(signal: AbortSignal): Promise<void> {
    const marks = [...this.#marks];
    this.#marks = new Map();
    for (let told = 0; told < marks.length; told += MAX_BATCH) {
      try {
        await this.#tell(marks.slice(told, told + MAX_BATCH), signal);
      } catch (error) {
        this.#log.warn({ err: error, count: marks.length - told }, 'when media was asked for could not be noted; it is tried again');
        this.#keep(marks.slice(told));
        return;
      }
    }
  }

  async #tell(marks: readonly (readonly [name: string, at: number])[], signal: AbortSignal): Promise<void> {
    const accesses = marks.map(([name, atMs]) => ({ key: toKey(name), atMs }));
    await this.#metadata.markAccessed({ accesses }, { signal, timeoutMs: CALL_TIMEOUT_MS });
  }

  #keep(marks: readonly (readonly [name: string, at: number])[]): void {
    for (const [name, at] of marks) if (!this.#marks.has(name) && this.#marks.size < this.#maxMarks) this.#marks.set(name, at);
  }
}

const MXC = 'mxc://';

/** `mxc://example.org/abc` → example.org, abc: as toMxcText wrote it. */
function toKey(name: string): { origin: string; mediaId: string } {
  const slash = name.indexOf('/', MXC.length);
  return { origin: name.slice(MXC.length, slash), mediaId: name.slice(slash + 1) };
}
