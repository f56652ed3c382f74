const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 64 * 1024;

/** Finds the ends of HTTP/1.1 answers in what a connection brings: one answer after the other, each with a Content-Length. */
export class AnswerReader {
  #head: Buffer = Buffer.alloc(0);
  #leftBytes = 0;

  /** Takes a chunk; says whether the answer is whole now. Throws unless it is a 200 whose length is known. */
  read(chunk: Uint8Array): boolean {
    const body = this.#leftBytes > 0 ? chunk.byteLength : this.#readHead(chunk);
    if (body === undefined) return false;
    this.#leftBytes -= body;
    if (this.#leftBytes < 0) throw new Error('the answer is longer than it says');
    return this.#leftBytes === 0;
  }

  /** How many bytes of the body came with the head; `undefined` while the head is not whole. */
  #readHead(chunk: Uint8Array): number | undefined {
    const all = this.#head.byteLength === 0 ? view(chunk) : Buffer.concat([this.#head, chunk]);
    const end = all.indexOf(HEAD_END);
    if (end === -1) {
      if (all.byteLength > MAX_HEAD_BYTES) throw new Error('the head of the answer does not end');
      this.#head = Buffer.from(all);
      return undefined;
    }
    this.#head = Buffer.alloc(0);
    this.#leftBytes = readLength(all.toString('latin1', 0, end), all);
    return all.byteLength - end - HEAD_END.byteLength;
  }
}

function readLength(head: string, all: Buffer): number {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 200') || length === undefined) throw new Error(`not a 200 of known length: ${all.toString('latin1', 0, 2000)}`);
  return Number(length);
}

function view(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
