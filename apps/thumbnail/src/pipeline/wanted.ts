import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';

/** What can be made of a source: the thumbnail of a spec, or `info`, what it looks like as JSON (see ImageInfo). */
export type Wanted = ThumbnailSpec | 'info';
