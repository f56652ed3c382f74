import { homeservers } from '@medley/config/homeserver';
import { retention, type RetentionConfig } from '@medley/config/retention';
import { toMxcText } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { MediaOrder, type GetUsageRequest, type GetUsageResponse, type ListMediaRequest, type ListMediaResponse } from '@medley/proto/metadata/catalog';
import { MediaState, type MediaContent, type MediaRecord } from '@medley/proto/metadata/media';
import type { DeleteMediaRequest, DeleteMediaResponse } from '@medley/proto/metadata/moderation';
import { MediaUseKind, type ListMediaUsesRequest, type ListMediaUsesResponse } from '@medley/proto/metadata/rooms';
import type { JobContext } from '../job.ts';
import { FakeLeases } from '../leases.fixture.ts';
import { lastUseOf, matches } from '../matches.ts';
import type { RetainContext } from './retain.ts';

const ORIGIN = 'a.example';

/** What retention needs of metadata, in memory. */
export class FakeCatalog extends FakeLeases {
  readonly media = new Map<string, MediaRecord>();
  /** Media ids that are avatars. */
  readonly avatars = new Set<string>();
  readonly deletions: DeleteMediaRequest[] = [];
  /** The most that one page has held. */
  largestPage = 0;
  /** Awaited before every page. */
  beforePage: () => Promise<void> = async () => {};

  /** Media of 10 bytes, created a day ago, for which nobody has asked. */
  add(mediaId: string, parts: Partial<MediaRecord> = {}, sizeBytes = 10): void {
    const content = contentOf({ sizeBytes });
    this.media.set(mediaId, {
      key: { origin: ORIGIN, mediaId }, state: MediaState.AVAILABLE, userId: '@u:a.example', createdAtMs: Date.now() - DAY, content,
      lost: false, remote: false, protected: false, ...parts,
    });
  }

  get ids(): readonly string[] {
    return [...this.media.keys()].toSorted();
  }

  /** All that a run needs, with these parts of the configuration. */
  context(parts: object, more: Partial<RetainContext> = {}): RetainContext {
    const metadata = this as unknown as JobContext['metadata']; // the other calls are not made
    return { metadata, retention: toConfig(parts), homeservers: [], signal: new AbortController().signal, onProgress: () => {}, dryRun: false, ...more };
  }

  listMedia = async ({ filter, order, limit, after }: ListMediaRequest): Promise<ListMediaResponse> => {
    await this.beforePage();
    const keyOf = (record: MediaRecord): string => `${order === MediaOrder.LAST_ACCESS ? lastUseOf(record) : record.createdAtMs}`.padStart(20, '0') + (record.key?.mediaId ?? '');
    const all = [...this.media.values()].filter((record) => filter === undefined || matches(filter, record)).toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    const rest = all.filter((record) => keyOf(record) > (after ?? ''));
    const records = rest.slice(0, limit);
    this.largestPage = Math.max(this.largestPage, records.length);
    const last = records.at(-1);
    return { records, next: rest.length > limit && last !== undefined ? keyOf(last) : undefined };
  };

  listMediaUses = async ({ keys }: ListMediaUsesRequest): Promise<ListMediaUsesResponse> => {
    const used = keys.filter(({ mediaId }) => this.avatars.has(mediaId));
    return { uses: used.map((key) => ({ key, roomId: '!r', eventId: '$e', kind: MediaUseKind.MEMBER_AVATAR, sender: '', atMs: 0 })) };
  };

  getUsage = async ({ filter }: GetUsageRequest): Promise<GetUsageResponse> => {
    const counted = [...this.media.values()].filter((record) => filter !== undefined && matches(filter, record));
    const mediaBytes = counted.reduce((sum, { content }) => sum + (content?.sizeBytes ?? 0), 0);
    return { mediaCount: counted.length, mediaBytes, pendingCount: 0, lapsedCount: 0, condemnedCount: 0, rows: [] };
  };

  deleteMedia = async (request: DeleteMediaRequest): Promise<DeleteMediaResponse> => {
    this.deletions.push(request);
    return { deleted: request.keys.filter(({ mediaId }) => this.media.delete(mediaId)) };
  };
}

export const DAY = 86_400_000;

/** The tenants of a configuration, each with a retention of its own. */
export function tenants(retentions: Readonly<Record<string, object>>): Pick<RetainContext, 'homeservers'> {
  return { homeservers: homeservers.parse(Object.entries(retentions).map(([server_name, own]) => ({ server_name, retention: own }))) };
}

/** What was uploaded, if it is not a picture of 10 bytes. */
export function contentOf(parts: Partial<MediaContent> = {}): MediaContent {
  return { digest: 'd'.repeat(64), sizeBytes: 10, contentType: 'image/png', frozen: true, store: COMMON_STORE, ...parts };
}

/** What the deletions have named, with the reason. */
export function namedBy(catalog: FakeCatalog): readonly string[] {
  return catalog.deletions.flatMap(({ keys, reason }) => keys.map((key) => `${toMxcText(key).split('/').at(-1)}: ${reason}`));
}

function toConfig(parts: object): RetentionConfig {
  return retention.parse({ max_remote_bytes: 0, ...parts });
}
