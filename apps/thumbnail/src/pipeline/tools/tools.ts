import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../sandbox/find-program.ts';
import { runProgram } from '../../sandbox/run-program.ts';
import type { Command, ProcessLimits, Sandbox } from '../../sandbox/sandbox.ts';
import { cannotThumbnail } from '../cannot-thumbnail.ts';
import { sniffFormat } from '../image-format.ts';
import { ffmpegAttempts } from './ffmpeg-attempts.ts';
import { sniffDocument, type Document } from './sniff-document.ts';

const INPUT = 'source';
const MAX_OUTPUT_BYTES = 32 * 2 ** 20;
const LIMITS: ProcessLimits = { as: 2 ** 30, cpu: 8, fsize: 2 ** 26, nofile: 64 };
const PDF_PAGE = ['-q', '-f', '1', '-l', '1', '-singlefile', '-scale-to', '1600', '-jpeg', '-jpegopt', 'quality=92', INPUT];

/**
 * External programs that make a picture of what is none: a frame of a film or a cover or the shape of a sound (ffmpeg),
 * the first page of a PDF (pdftoppm). Each runs in a sandbox over a private copy of the bytes; what it writes is a
 * stranger's image like any other.
 */
export class Tools {
  readonly #sandbox: Sandbox;
  readonly #ffmpeg: string | undefined;
  readonly #pdftoppm: string | undefined;

  /** Looks for the programs once; without a folder for temporary files there are none. */
  constructor(sandbox: Sandbox, path?: string) {
    this.#sandbox = sandbox;
    const folders = isWritable(tmpdir()) ? path : '';
    this.#ffmpeg = findProgram('ffmpeg', folders);
    this.#pdftoppm = findProgram('pdftoppm', folders);
  }

  /** The programs that were found, for the log. */
  get names(): readonly string[] {
    return [...(this.#ffmpeg === undefined ? [] : ['ffmpeg']), ...(this.#pdftoppm === undefined ? [] : ['pdftoppm'])];
  }

  /**
   * The picture of a document, and images as they are; so are documents that there is no program for. Throws
   * CANNOT_THUMBNAIL when no picture comes of it; when `signal` aborts the program is killed, and it throws the same.
   */
  async toImage(source: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    if (sniffFormat(source) !== undefined) return source;
    const document = sniffDocument(source);
    const attempts = document === undefined ? [] : this.#attempts(document);
    return attempts.length === 0 ? source : this.#run(attempts, source, signal);
  }

  #attempts(document: Document): readonly Command[] {
    if (document.kind === 'pdf') return this.#pdftoppm === undefined ? [] : [[this.#pdftoppm, ...PDF_PAGE]];
    const ffmpeg = this.#ffmpeg;
    return ffmpeg === undefined ? [] : ffmpegAttempts(document, INPUT).map((args): Command => [ffmpeg, ...args]);
  }

  async #run(attempts: readonly Command[], source: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    await using folder = await privateFolder();
    await writeFile(join(folder.path, INPUT), source, { mode: 0o600 });
    let failure: unknown = 'the program wrote nothing';
    for (const attempt of attempts) {
      if (signal.aborted) break;
      try {
        const options = { cwd: folder.path, maxOutputBytes: MAX_OUTPUT_BYTES };
        const output = await runProgram(this.#sandbox.wrap(attempt, LIMITS), options, signal);
        if (output.byteLength > 0) return output;
      } catch (error) {
        failure = error; // The next attempt asks for less.
      }
    }
    throw cannotThumbnail(signal.aborted ? signal.reason : failure);
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false; // Read-only, as containers often are.
  }
}

async function privateFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'medley-thumbnail-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
