import type { ServerResponse } from 'node:http';
import { eventually } from '@medley/testing/eventually';
import type { RemoteScript } from '@medley/testing/fake-remote';

const BOUNDARY = 'drip-2f8a3c1d';
const END = `\r\n--${BOUNDARY}--\r\n`;

export interface DripOptions {
  readonly bytes: Uint8Array;
  readonly contentType?: string;
  /** Whether it tells how large the file is. Default: no, as most servers do. */
  readonly tellsSize?: boolean;
}

/** Media of a remote that sends only as much of it as a test has told it to, over one connection for each request. */
export class DrippingMedia {
  readonly #bytes: Uint8Array;
  readonly #contentType: string;
  readonly #tellsSize: boolean;
  readonly #responses: ServerResponse[] = [];
  #sentBytes = 0;
  #isFinished = false;

  constructor({ bytes, contentType = 'application/octet-stream', tellsSize = false }: DripOptions) {
    this.#bytes = bytes;
    this.#contentType = contentType;
    this.#tellsSize = tellsSize;
  }

  /** How often it was asked for. */
  get requestCount(): number {
    return this.#responses.length;
  }

  /** How a remote answers for it. */
  get script(): RemoteScript {
    return (_request, response) => {
      this.#responses.push(response);
      const size = this.#tellsSize ? [`Content-Length: ${this.#bytes.byteLength}`] : [];
      const headers = [`Content-Type: ${this.#contentType}`, ...size].map((line) => `${line}\r\n`).join('');
      response.writeHead(200, { 'content-type': `multipart/mixed; boundary=${BOUNDARY}` });
      response.write(`\r\n--${BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{}\r\n--${BOUNDARY}\r\n${headers}\r\n`);
      response.write(this.#bytes.subarray(0, this.#sentBytes));
      if (this.#isFinished) response.end(END);
    };
  }

  /** Waits until it is asked for. */
  async asked(): Promise<void> {
    await eventually(() => {
      if (this.#responses.length === 0) throw new Error('nobody has asked for it');
    });
  }

  /** Sends all up to here. */
  async sendUpTo(end: number): Promise<void> {
    await this.asked();
    for (const response of this.#responses) response.write(this.#bytes.subarray(this.#sentBytes, end));
    this.#sentBytes = Math.max(this.#sentBytes, end);
  }

  /** Sends the rest. */
  async finish(): Promise<void> {
    await this.sendUpTo(this.#bytes.byteLength);
    this.#isFinished = true;
    for (const response of this.#responses) response.end(END);
  }

  /** Breaks off. */
  async cut(): Promise<void> {
    await this.asked();
    for (const response of this.#responses) response.destroy();
  }
}
