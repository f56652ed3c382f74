import { toMediaType } from '@medley/domain/content-type';
import { matchesGlob } from '@medley/domain/matches-glob';
import { MediaError } from '@medley/domain/media-error';
import type { UploadPolicy } from './policy.ts';

/** Passes users who may upload at all. Throws FORBIDDEN. */
export function requireUploads({ isAllowed }: UploadPolicy): void {
  if (!isAllowed) throw new MediaError('FORBIDDEN', 'You are not allowed to upload media');
}

/** Passes declared types that the user may upload; parameters don't count. Throws FORBIDDEN (Matrix: `POST /_matrix/media/v3/upload`, 403). */
export function requireType({ allowedTypes, deniedTypes }: UploadPolicy, contentType: string): void {
  const type = toMediaType(contentType);
  const isOneOf = (patterns: readonly string[]): boolean => patterns.some((pattern) => matchesGlob(pattern, type));
  if (!isOneOf(allowedTypes) || isOneOf(deniedTypes)) throw new MediaError('FORBIDDEN', 'You are not allowed to upload media of this type');
}
