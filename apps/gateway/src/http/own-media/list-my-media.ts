import { toMxcText } from '@medley/domain/mxc-uri';
import { MediaOrder } from '@medley/proto/metadata/catalog';
import { MediaKind, MediaState, type MediaRecord } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { requireRecord } from '../../usecases/require-record.ts';
import { listSelected } from '../../usecases/selection/list-selected.ts';
import { oneOf } from '../../usecases/selection/parse-selection.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from '../medley/answer.ts';
import { isDescending, parsePage } from '../medley/parse-page.ts';

const ORDERS = {
  created_at: MediaOrder.CREATED_AT,
  size: MediaOrder.SIZE,
  content_type: MediaOrder.CONTENT_TYPE,
  upload_name: MediaOrder.UPLOAD_NAME,
} as const;

/** `GET /_medley/v1/me/media`: what the requester has uploaded, or reserved a media ID for; without what is quarantined. */
export async function listMyMedia(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { tenant, requester, query, signal } = exchange;
  const filter = { kinds: [MediaKind.LOCAL], origins: [tenant.serverName], userIds: [requester.userId], quarantined: false };
  const sorting = { order: oneOf('order_by', ORDERS, query.get('order_by') ?? 'created_at'), descending: isDescending(query) };
  const listing = { tenant, selection: { filter, roomId: undefined }, page: parsePage(query) };
  const { records, next } = await listSelected(gateway, listing, sorting, signal);
  answer(exchange, { media: records.map(ownToJson), next });
}

/** `OwnMedia` of the OpenAPI document: nothing of what admins or other users have done with it, but that it is protected. */
function ownToJson({ key, state, createdAtMs, unusedExpiresAtMs, content, protected: isProtected }: MediaRecord): object {
  const { origin, mediaId } = requireRecord(key);
  return {
    content_uri: toMxcText({ origin, mediaId }),
    origin,
    media_id: mediaId,
    state: state === MediaState.PENDING ? 'pending' : 'available',
    created_at: createdAtMs,
    unused_expires_at: unusedExpiresAtMs ?? null,
    content_type: content?.contentType ?? null,
    upload_name: content?.uploadName ?? null,
    size: content?.sizeBytes ?? null,
    sha256: content?.digest ?? null,
    protected: isProtected,
  };
}
