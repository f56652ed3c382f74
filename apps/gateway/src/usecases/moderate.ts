import { toMxcText } from '@medley/domain/mxc-uri';
import { deleteByTrash } from '@medley/maintenance/delete-by-trash';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { Gateway } from '../gateway.ts';

/** What an admin can do to media. */
export const MODERATION_ACTIONS = ['quarantine', 'release', 'protect', 'unprotect', 'delete', 'restore'] as const;
export type ModerationAction = (typeof MODERATION_ACTIONS)[number];

export interface Moderation {
  readonly action: ModerationAction;
  /** At most 1000. */
  readonly keys: MediaKey[];
  /** A Matrix user id. */
  readonly by: string;
  readonly reason: string | undefined;
}

/** Acts are numbered one after the other, so many of them take their time; what is cut off has to be done again. */
const TIMEOUT_MS = 300_000;

export function isModerationAction(text: string): text is ModerationAction {
  return (MODERATION_ACTIONS as readonly string[]).includes(text);
}

/**
 * Does one thing to some media and answers with the mxc URIs of those that it took hold of. What is there no more, or not in the
 * trash, is passed over; doing it twice does no harm. What is deleted can be restored for as long as its tenant says.
 */
export async function moderate(gateway: Gateway, { action, ...rest }: Moderation, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { metadata } = gateway.services;
  const limits = { signal, timeoutMs: TIMEOUT_MS };
  const toTexts = (keys: readonly MediaKey[]): ReadonlySet<string> => new Set(keys.map(toMxcText));
  switch (action) {
    case 'quarantine':
    case 'release':
      await metadata.setQuarantine({ ...rest, digests: [], quarantined: action === 'quarantine' }, limits);
      return toTexts(rest.keys);
    case 'protect':
    case 'unprotect':
      return toTexts((await metadata.setProtection({ ...rest, protected: action === 'protect' }, limits)).found);
    case 'delete':
      return toTexts(await deleteByTrash(metadata, { ...rest, trashOf: gateway.config.trashOf }, limits));
    case 'restore':
      return toTexts((await metadata.restoreMedia(rest, limits)).restored);
  }
}
