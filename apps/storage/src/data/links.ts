import { randomUUID } from 'node:crypto';
import type { BlobAddress } from '@medley/domain/blob-key';
import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';
import type { HttpLocation } from '@medley/proto/storage';
import type { UrlSigner } from './url-signer.ts';

/** How long a link may wait for its transfer to begin. */
export const LINK_TTL_MS = 60_000;
export const BLOBS_PATH = '/v1/blobs/';
export const UPLOADS_PATH = '/v1/uploads/';

/** Makes the signed URLs of a data port. */
export class DataLinks {
  readonly #signer: UrlSigner;
  readonly #baseUrl: string;
  readonly #socketPath: string | undefined;

  /** `socketPath` is what to connect to instead of the URL's host, if it is a unix socket. */
  constructor(signer: UrlSigner, baseUrl: string, socketPath?: string) {
    this.#signer = signer;
    this.#baseUrl = baseUrl;
    this.#socketPath = socketPath;
  }

  /** Where a blob can be read with one GET, also a range of it. */
  toBlob({ digest, derivation, store }: BlobAddress): HttpLocation {
    return this.#link('GET', `${BLOBS_PATH}${digest}${derivation === '' ? '' : `/${derivation}`}`, toParams(store));
  }

  /** Where at most `maxBytes` can be sent into a store with one PUT; of a copy of what could be had again, if so. */
  toUpload(maxBytes: number, store: StoreName, isCopy = false): HttpLocation {
    return this.#link('PUT', `${UPLOADS_PATH}${randomUUID()}`, { ...toParams(store), max_bytes: String(maxBytes), ...(isCopy && { copy: '1' }) });
  }

  #link(method: 'GET' | 'PUT', path: string, params: Readonly<Record<string, string>>): HttpLocation {
    const expiresAtMs = Date.now() + LINK_TTL_MS;
    const url = this.#baseUrl + this.#signer.sign(method, path, params, expiresAtMs);
    // https is spoken only to our own services, by their own certificates
    return { url, socketPath: this.#socketPath, expiresAtMs, ...(url.startsWith('https:') && { peerTls: true }) };
  }
}

function toParams(store: StoreName): Readonly<Record<string, string>> {
  return store === COMMON_STORE ? {} : { store };
}
