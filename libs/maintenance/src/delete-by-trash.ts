import type { TrashTimes } from '@medley/config/trash-times';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { DeleteMediaRequest, DeleteMediaResponse } from '@medley/proto/metadata/moderation';

interface Limits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

interface Deletion {
  readonly keys: readonly MediaKey[];
  readonly by: string;
  readonly reason: string | undefined;
  /** Absent: nothing goes into the trash. */
  readonly trashOf: TrashTimes | undefined;
}

interface Metadata {
  deleteMedia(request: DeleteMediaRequest, limits: Limits): Promise<DeleteMediaResponse>;
}

/**
 * Deletes media of several tenants, which stays in the trash for different times, and answers with what it took hold of. Where one
 * call fails, what those before it have deleted stays deleted.
 */
export async function deleteByTrash(metadata: Metadata, { keys, trashOf, ...act }: Deletion, limits: Limits): Promise<readonly MediaKey[]> {
  const deleted: MediaKey[] = [];
  for (const [trashMs, group] of Map.groupBy(keys, ({ origin }) => trashOf?.(origin))) {
    deleted.push(...(await metadata.deleteMedia({ ...act, keys: group, trashMs }, limits)).deleted);
  }
  return deleted;
}
