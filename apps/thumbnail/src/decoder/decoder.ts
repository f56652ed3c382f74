import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MediaError } from '@medley/domain/media-error';
import { cannotThumbnail } from '../pipeline/cannot-thumbnail.ts';
import { killGroup } from '../sandbox/kill-group.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { readFrames, writeFrame, type Frame } from './frame.ts';
import { toDataLimit } from './memory.ts';
import { parseAnswer, type Answer, type Job } from './protocol.ts';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
/**
 * All of its environment: no secret of the service is in reach of a decoder. The allocator is told to give memory back:
 * measured a third less between jobs, for no time.
 */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576', VIPS_BLOCK_UNTRUSTED: '1' };
/** No thumbnail is larger: 64 million pixels of RGBA, not compressed at all. */
const MAX_THUMBNAIL_BYTES = 256 * 2 ** 20;

const MAX_OPEN_FILES = 64;
const MAX_LAST_WORDS = 1000;

/** Where a decoder process runs, and what it may hold. */
export interface DecoderOptions {
  readonly sandbox: Sandbox;
  readonly maxMemoryBytes: number;
}

type Heard = { readonly answer: Answer; readonly body: Buffer };

/**
 * One child process that decodes, as seen from the service. The only way to stop a decode is to kill the process, and
 * that is how a job is cut.
 */
export class Decoder {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #frames: AsyncGenerator<Frame>;
  readonly #closed = Promise.withResolvers<void>();
  #isAlive = true;
  #jobs = 0;
  /** What it complained of; libraries do so for many a broken file, at any length. */
  #lastWords = '';

  /** Settles when the process can take a job; rejects with SERVICE_UNAVAILABLE when it can't start. */
  readonly ready: Promise<void>;

  /** `onExit` is called once, when the process is gone for whatever reason. */
  constructor({ sandbox, maxMemoryBytes }: DecoderOptions, onExit: (decoder: Decoder) => void) {
    const [program, ...args] = sandbox.wrap([process.execPath, '--expose-gc', CHILD], { data: toDataLimit(maxMemoryBytes), nofile: MAX_OPEN_FILES });
    // In a group of its own, so that Ctrl-C at a terminal reaches the service alone, which lets running jobs finish.
    this.#child = spawn(program, args, { env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#child.stderr.on('data', (text: Buffer) => (this.#lastWords = (this.#lastWords + text.toString()).slice(-MAX_LAST_WORDS)));
    this.#frames = readFrames(this.#child.stdout, MAX_THUMBNAIL_BYTES);
    this.#child.stdin.on('error', () => undefined); // The end of its answers tells as much.
    this.#child.once('error', () => this.kill());
    this.#child.once('close', () => {
      this.#isAlive = false;
      this.#closed.resolve();
      onExit(this);
    });
    this.ready = this.#hearReady();
    this.ready.catch(() => undefined); // Whoever runs a job is told.
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** How many jobs it was given. */
  get jobs(): number {
    return this.#jobs;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Runs one job, and yields each thumbnail as soon as it is there; one job at a time. Fails with what the pipeline
   * throws, with CANNOT_THUMBNAIL when the process dies of the job or `signal` aborts while it works. To abort, to
   * leave the loop, or a failure of the process itself kills it.
   */
  async *run(job: Job, source: Uint8Array, signal: AbortSignal): AsyncGenerator<Buffer> {
    const kill = (): void => this.kill();
    let isDone = false;
    signal.throwIfAborted();
    signal.addEventListener('abort', kill, { once: true });
    this.#jobs += 1;
    try {
      await this.ready;
      writeFrame(this.#child.stdin, job, source);
      for (;;) {
        const { answer, body } = await this.#hear(signal);
        isDone = answer.kind !== 'made';
        if (answer.kind === 'made') yield body;
        else return finish(answer);
      }
    } finally {
      signal.removeEventListener('abort', kill);
      if (!isDone) this.kill();
    }
  }

  /** Ends the process at once, whatever it does. */
  kill(): void {
    if (this.#isAlive) killGroup(this.#child.pid);
    this.#isAlive = false;
    this.#child.stdout.destroy(); // What nobody reads any more would keep it from being closed.
  }

  async #hear(signal: AbortSignal): Promise<Heard> {
    try {
      const { done, value } = await this.#frames.next();
      if (done === true) await this.#closed.promise; // Only then it is known what it died of.
      if (done === true) throw new Error(`the decoder ended: ${this.#child.signalCode ?? this.#child.exitCode} ${this.#lastWords}`);
      return { answer: parseAnswer(value.header), body: value.body };
    } catch (error) {
      throw cannotThumbnail(signal.aborted ? signal.reason : error);
    }
  }

  async #hearReady(): Promise<void> {
    try {
      const { value } = await this.#frames.next();
      if (value?.header !== undefined && parseAnswer(value.header).kind === 'ready') return;
      throw new Error(`the decoder did not start: ${this.#lastWords}`);
    } catch (error) {
      this.kill();
      throw new MediaError('SERVICE_UNAVAILABLE', 'Thumbnails cannot be made right now', { cause: error });
    }
  }
}

function finish(answer: Answer): void {
  if (answer.kind === 'failed') throw new MediaError(answer.reason, answer.message, { cause: answer.detail });
  if (answer.kind === 'broken') throw new Error(`the decoder failed: ${answer.detail}`);
}
