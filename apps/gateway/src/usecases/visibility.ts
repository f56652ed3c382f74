import { MediaError } from '@medley/domain/media-error';
import type { MediaRecord } from '@medley/proto/metadata/media';

/** What decides which media somebody may have. */
export interface Rights {
  /** Whether the requester showed a token; frozen media is for those alone. */
  readonly isAuthenticated: boolean;
  /** Whether it may be seen although it is quarantined. */
  readonly bypassesQuarantine?: boolean;
}

/** Throws NOT_FOUND for media that is hidden from everyone, or from those without a token. */
export function checkVisible({ quarantine, content }: MediaRecord, { isAuthenticated, bypassesQuarantine = false }: Rights): void {
  if (quarantine !== undefined && !bypassesQuarantine) throw notFound();
  if (content?.frozen === true && !isAuthenticated) throw notFound();
}

/** The answer for media that is not there, and for what nobody must know to be there. */
export function notFound(): MediaError {
  return new MediaError('NOT_FOUND', 'No such media');
}

/** The answer for media whose bytes are gone. */
export function lost(): MediaError {
  return new MediaError('NOT_FOUND', 'The bytes of this media are lost');
}
