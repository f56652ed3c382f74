import { paintPng } from '@medley/testing/images';
import type { Answer, Page } from '@medley/testing/scripted-web';

/** A page of some kind, and what its preview must be. `{origin}` stands for where it is served. */
export interface GoldenPage {
  readonly name: string;
  /** What is asked for, one of `answers`. */
  readonly path: string;
  readonly answers: Readonly<Record<string, Answer>>;
  /** The whole answer but for the image. */
  readonly expected: Readonly<Record<string, string | number>>;
  /** Width and height; absent: there must be none. */
  readonly image?: readonly [number, number];
}

/** A PNG of this size. */
export function png(width: number, height: number): Page {
  return { type: 'image/png', body: paintPng(width, height) };
}

/** A page in some encoding, given as bytes. */
export function encoded(type: string | undefined, ...parts: readonly (string | readonly number[])[]): Page {
  return { type, body: Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))) };
}

export function json(value: unknown, type = 'application/json'): Page {
  return { type, body: JSON.stringify(value) };
}
