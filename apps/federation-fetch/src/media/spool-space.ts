import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaError } from '@medley/domain/media-error';
import { Spool } from './spool.ts';

/** A spool, and the room that it takes. */
export interface Room {
  readonly spool: Spool;
  /** Takes room for so many bytes in all. Fails with BUSY if there is none. */
  reserve(sizeBytes: number): void;
}

const RETRY_AFTER_MS = 5000;

/** The disk that bytes on their way may take: files of this user alone that lose their names as soon as they are open, so that nothing is left of them whatever ends the process. */
export class SpoolSpace {
  readonly #maxBytes: number;
  #usedBytes = 0;
  /** Asked to close what is not needed any more when there is no room. */
  makeRoom: () => void = () => {};

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Opens a spool, with room for `sizeBytes` if they are known. Fails with BUSY. */
  async open(sizeBytes = 0): Promise<Room> {
    let reservedBytes = 0;
    const reserve = (wantedBytes: number): void => {
      this.#take(Math.max(0, wantedBytes - reservedBytes));
      reservedBytes = Math.max(wantedBytes, reservedBytes);
    };
    const release = (): void => void (this.#usedBytes -= reservedBytes);
    reserve(sizeBytes);
    try {
      return { spool: new Spool(await openNameless(), release), reserve };
    } catch (error) {
      release();
      throw error;
    }
  }

  #take(bytes: number): void {
    if (this.#usedBytes + bytes > this.#maxBytes) this.makeRoom();
    if (this.#usedBytes + bytes > this.#maxBytes) {
      throw new MediaError('BUSY', 'Too much media is being fetched', { retryAfterMs: RETRY_AFTER_MS });
    }
    this.#usedBytes += bytes;
  }
}

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `medley-spool-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
