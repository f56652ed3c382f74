import type { MxcUri } from '@medley/domain/mxc-uri';
import type { TrashPlace } from '../../ports/trash.ts';
import { toId } from './documents.ts';

/** In the collection `trash`: says where to look for deleted media that can be restored; never changes. */
export interface TrashDocument extends MxcUri {
  /** `<origin>/<media id>/<purgeAt>`: of each deletion its own. */
  readonly _id: string;
  readonly purgeAt: number;
}

/** The entry of a deletion. */
export function toTrashEntry({ uri, purgeAt }: TrashPlace): TrashDocument {
  return { _id: `${toId(uri)}/${purgeAt}`, ...uri, purgeAt };
}

/** Where an entry is in the trash. */
export function toTrashPlace({ origin, mediaId, purgeAt }: TrashDocument): TrashPlace {
  return { uri: { origin, mediaId }, purgeAt };
}
