import { matches } from '@medley/maintenance/matches';
import type { MediaOrder } from '@medley/proto/metadata/catalog';
import type { MediaKey, MediaRecord } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import type { TenantName } from '../../tenants.ts';
import { keysOfUses } from '../keys-of-uses.ts';
import type { Selection } from './parse-selection.ts';
import { isVisibleTo, limitTo } from './visibility.ts';

/** Where in a list one is, and how much of it one wants. */
export interface Page {
  /** At most 1000. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | undefined;
}

export interface SelectedMedia {
  /** At most `limit`; there may be fewer, also where more come. */
  readonly records: readonly MediaRecord[];
  /** Absent on the last page. */
  readonly next: string | undefined;
}

export interface Listing {
  readonly tenant: TenantName;
  readonly selection: Selection;
  readonly page: Page;
  /** Leaves the avatars of a room's members out, who bring them to every room they are in. */
  readonly withoutMembers?: boolean;
}

export interface Sorting {
  readonly order: MediaOrder;
  readonly descending: boolean;
}

/** Reading a page may mean to read a good part of an index. */
const PAGE_TIMEOUT_MS = 30_000;

/** One page of what a selection means, of all that this tenant's admins may know of. A room has an order of its own: newest event first. */
export function listSelected(gateway: Gateway, listing: Listing, sorting: Sorting, signal: AbortSignal): Promise<SelectedMedia> {
  return listing.selection.roomId === undefined ? listMedia(gateway, listing, sorting, signal) : listRoom(gateway, listing, listing.selection.roomId, signal);
}

/** How many a selection means; reads all of them, and does not know rooms. */
export async function countSelected(gateway: Gateway, { tenant, selection }: Omit<Listing, 'page'>, signal: AbortSignal): Promise<number> {
  const request = { filter: limitTo(gateway, tenant, selection.filter), descending: false, limit: 0, withTotal: true };
  return (await gateway.services.metadata.listMedia(request, { signal, timeoutMs: 2 * PAGE_TIMEOUT_MS })).totalCount ?? 0;
}

/** What has been deleted and can be restored, as far as a selection means it; what leaves the trash next comes first. */
export async function listTrashed(gateway: Gateway, { tenant, selection, page }: Listing, signal: AbortSignal): Promise<SelectedMedia> {
  const { media, next } = await gateway.services.metadata.listTrash(page, { signal, timeoutMs: PAGE_TIMEOUT_MS });
  const records = media.flatMap(({ record }) => record ?? []);
  return { records: records.filter((record) => matches(limitTo(gateway, tenant, selection.filter), record)), next };
}

async function listMedia(gateway: Gateway, { tenant, selection, page }: Listing, { order, descending }: Sorting, signal: AbortSignal): Promise<SelectedMedia> {
  const request = { filter: limitTo(gateway, tenant, selection.filter), order, descending, ...page, withTotal: false };
  const { records, next } = await gateway.services.metadata.listMedia(request, { signal, timeoutMs: PAGE_TIMEOUT_MS });
  return { records, next };
}

async function listRoom(gateway: Gateway, { tenant, selection, page, withoutMembers = false }: Listing, roomId: string, signal: AbortSignal): Promise<SelectedMedia> {
  const { uses, next } = await gateway.services.metadata.listRoomMedia({ roomId, ...page }, { signal, timeoutMs: PAGE_TIMEOUT_MS });
  const keys = distinct(keysOfUses(uses, withoutMembers)).filter((key) => isVisibleTo(gateway, tenant, key));
  return { records: (await findRecords(gateway, keys, signal)).filter((record) => matches(selection.filter, record)), next };
}

/** The records of those that there are, as they are now, past every cache. */
export async function findRecords({ services }: Gateway, keys: MediaKey[], signal: AbortSignal): Promise<MediaRecord[]> {
  if (keys.length === 0) return [];
  const { results } = await services.metadata.batchGetMedia({ keys }, { signal });
  return results.flatMap(({ record }) => record ?? []);
}

function distinct(keys: readonly MediaKey[]): MediaKey[] {
  return [...new Map(keys.map((key) => [`${key.origin}/${key.mediaId}`, key])).values()];
}
