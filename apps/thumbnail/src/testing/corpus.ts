import type { MediaErrorReason } from '@medley/domain/media-error';

/** What becomes of a file: a thumbnail, or a reason. */
export type Outcome = 'made' | MediaErrorReason;

/** One row of the hostile corpus: files of one kind, and what may become of each of them. */
export interface Row {
  readonly name: string;
  readonly files: () => readonly Buffer[] | Promise<readonly Buffer[]>;
  readonly expected: readonly Outcome[];
  /** Whether a thumbnail that moves is asked for. */
  readonly animated?: boolean;
}

export const MADE: readonly Outcome[] = ['made'];
export const REFUSED: readonly Outcome[] = ['CANNOT_THUMBNAIL'];
export const TOO_LARGE: readonly Outcome[] = ['TOO_LARGE'];
/** Where it is up to the decoder how much of a file it shows. */
export const BOUNDED: readonly Outcome[] = ['made', 'CANNOT_THUMBNAIL', 'TOO_LARGE'];

/** A row of one file. */
export function row(name: string, expected: readonly Outcome[], file: () => Buffer | Promise<Buffer>): Row {
  return { name, expected, files: async () => [await file()] };
}

/** A row for each of several named files. */
export function rowsOf(name: string, expected: readonly Outcome[], files: Readonly<Record<string, Buffer>>): readonly Row[] {
  return Object.entries(files).map(([kind, file]) => row(`${name}: ${kind}`, expected, () => file));
}
