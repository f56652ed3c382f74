import { MediaError } from '@medley/domain/media-error';
import type { ConnectedClient } from '@medley/grpc/client';
import type { FederationFetchServiceDefinition, FetchedHeader, FetchMediaRequest, FetchMediaResponse, StoredMedia } from '@medley/proto/federation-fetch';

/** One replica of federation-fetch. */
export type Fetcher = Pick<ConnectedClient<typeof FederationFetchServiceDefinition>['rpc'], 'fetchMedia'>;

/** A FetchMedia call whose server has answered. */
export interface OpenFetch {
  readonly header: FetchedHeader;
  /** What comes after the header; returning from it ends the call. */
  readonly parts: AsyncIterator<FetchMediaResponse>;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** For the whole call, in milliseconds. */
  readonly timeoutMs: number;
}

/** Begins to fetch, and answers when the other server has. Fails as FetchMedia does. */
export async function openFetch(fetcher: Fetcher, request: FetchMediaRequest, options: FetchOptions): Promise<OpenFetch> {
  const parts = fetcher.fetchMedia(request, options)[Symbol.asyncIterator]();
  const first = await parts.next();
  if (first.done !== true && first.value.part?.$case === 'header') return { header: first.value.part.value, parts };
  await parts.return?.();
  throw new MediaError('INTERNAL', 'Internal error', { cause: new Error('federation-fetch answered without a header') });
}

/** Waits until all has come and is stored; chunks on the way are passed over. Ends the call, which else would wait for its deadline. */
export async function untilStored({ parts }: OpenFetch): Promise<StoredMedia> {
  try {
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      if (next.value.part?.$case === 'stored') return next.value.part.value;
    }
  } finally {
    await parts.return?.();
  }
  throw notWhole();
}

/** A call that ends without `stored` was no whole one, whatever has come. */
export function notWhole(): MediaError {
  return new MediaError('FETCH_FAILED', 'Failed to fetch remote media');
}
