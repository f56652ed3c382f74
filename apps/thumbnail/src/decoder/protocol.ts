import { isMediaErrorReason, type MediaErrorReason } from '@medley/domain/media-error';
import type { SourceLimits } from '../pipeline/limit.ts';
import type { Wanted } from '../pipeline/wanted.ts';

/** What a decoder process is told to do with the bytes that come along: see makeThumbnails. */
export interface Job {
  readonly specs: readonly Wanted[];
  readonly limits: SourceLimits;
}

/**
 * What a decoder process says: `ready` once; then for each job `made` with the bytes of one thumbnail, any number of
 * times in the order of what is wanted, and one of `done`, `failed` (an expected failure) and `broken` (a bug).
 */
export type Answer =
  | { readonly kind: 'ready' | 'made' | 'done' }
  | { readonly kind: 'failed'; readonly reason: MediaErrorReason; readonly message: string; readonly detail: string }
  | { readonly kind: 'broken'; readonly detail: string };

/** Reads an answer. Throws for anything else. */
export function parseAnswer(header: unknown): Answer {
  const { kind, reason, message, detail } = header as Readonly<Record<string, unknown>>;
  if (kind === 'ready' || kind === 'made' || kind === 'done') return { kind };
  if (kind === 'broken') return { kind, detail: String(detail) };
  if (kind === 'failed' && typeof reason === 'string' && isMediaErrorReason(reason)) {
    return { kind, reason, message: String(message), detail: String(detail) };
  }
  throw new Error('not an answer of a decoder');
}
