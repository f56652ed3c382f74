/** Where preview images are kept. */
export interface Images {
  /** Keeps an image, all or nothing, and answers its digest. Fails with STORAGE_FULL or SERVICE_UNAVAILABLE; rejects when `signal` aborts. */
  store(bytes: Uint8Array, signal: AbortSignal): Promise<string>;
}
