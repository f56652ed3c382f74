import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { parseDigest } from '@medley/domain/digest';
import { COMMON_STORE, parseStoreName } from '@medley/domain/store-name';
import type { ScrubPosition } from '@medley/maintenance/scrub';
import { EMPTY_SCRUB_REPORT, type ScrubReport } from '@medley/maintenance/scrub-report';

/** Of a scrub that is killed, so much is done again. */
const SAVE_EVERY_MS = 2000;

/** Keeps the place of a scrub in a file, so that another run can go on from there. */
export class Checkpoint {
  readonly #path: string;
  #position: ScrubPosition | undefined;
  #savedAt = performance.now();

  constructor(path: string) {
    this.#path = path;
  }

  /** Where an earlier run ended; `undefined` if none did. Throws where the file is something else. */
  async read(): Promise<ScrubPosition | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    return parsePosition(text, this.#path);
  }

  /** Remembers the place, and writes it down now and then. */
  async reach(position: ScrubPosition): Promise<void> {
    this.#position = position;
    if (performance.now() - this.#savedAt >= SAVE_EVERY_MS) await this.save();
  }

  /** Writes the place down, in one step. */
  async save(): Promise<void> {
    if (this.#position === undefined) return;
    await writeFile(`${this.#path}.new`, `${JSON.stringify(this.#position)}\n`);
    await rename(`${this.#path}.new`, this.#path);
    this.#savedAt = performance.now();
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

function parsePosition(text: string, path: string): ScrubPosition {
  try {
    const { store = COMMON_STORE, after, report } = JSON.parse(text) as { store?: string; after: string; report: ScrubReport }; // written by save
    return { store: parseStoreName(store), after: parseDigest(after), report: { ...EMPTY_SCRUB_REPORT, ...report } };
  } catch (error) {
    throw new Error(`${path} is not the checkpoint of a scrub`, { cause: error });
  }
}
