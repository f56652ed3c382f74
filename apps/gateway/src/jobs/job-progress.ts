import { isObject } from '../http/parse/json-body.ts';

/** How far a job is, and all that is needed to go on. */
export interface JobProgress {
  /** The page after which it goes on; absent at the beginning. */
  readonly after: string | undefined;
  /** How many media there were at the beginning, as far as that is known beforehand. */
  readonly total: number | undefined;
  /** How many it took hold of, or would, and their bytes. */
  readonly done: number;
  readonly bytes: number;
  /** How many it left alone since they are avatars. */
  readonly kept: number;
  /** How many went away before it came to them. */
  readonly failed: number;
}

const BEGINNING: JobProgress = { after: undefined, total: undefined, done: 0, bytes: 0, kept: 0, failed: 0 };

/** Reads what `JSON.stringify` wrote of it; from what is none it begins. */
export function parseProgress(text: string): JobProgress {
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return isObject(value) ? { ...BEGINNING, ...value } : BEGINNING;
}
