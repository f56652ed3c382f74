import { Dependency } from '@medley/runtime/dependency';
import { MediaError } from '@medley/domain/media-error';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { Services } from './services.ts';

/** A slow database is no reason to send everybody away; `/readyz` itself answers sooner, with what it knew last. */
const TIMEOUT_MS = 5000;

/** Whether the gateway can do its work. Thumbnails, previews and other servers failing leave the rest working, so nobody asks for them. */
export class GatewayReadiness {
  readonly #services: Pick<Services, 'metadata' | 'storage'>;
  readonly #origin: string;
  readonly #changes: { readonly isConnected: boolean };
  readonly #metadata = new Dependency('metadata');
  readonly #storage = new Dependency('storage');
  readonly #store = new Dependency('store', { isRequired: false });
  readonly #changeStream = new Dependency('changes', { isRequired: false });
  readonly #door: { readonly isShedding: boolean };
  readonly #room = new Dependency('room', { isRequired: false });

  /** `origin` is a server name of ours; `changes` follows the changes of records; `door` refuses what there is no room for. */
  constructor(services: Pick<Services, 'metadata' | 'storage'>, origin: string, changes: { readonly isConnected: boolean }, door: { readonly isShedding: boolean }) {
    this.#services = services;
    this.#origin = origin;
    this.#changes = changes;
    this.#door = door;
  }

  get dependencies(): readonly Dependency[] {
    return [this.#metadata, this.#storage, this.#store, this.#changeStream, this.#room];
  }

  /** Names the services without which nothing can be downloaded. */
  async check(): Promise<readonly string[]> {
    const { metadata, storage } = this.#services;
    await this.#changeStream.check(async () => this.#requireChanges()).catch(() => {}); // shown, and no more: the caches wait by themselves
    await this.#room.check(async () => this.#requireRoom()).catch(() => {}); // shown, and no more: its load would fall on the others, until none is left
    // shown, and no more: what lies in caches is served without it, so nobody waits for a store that hangs
    this.#store.check(() => storage.checkStore({}, { timeoutMs: TIMEOUT_MS })).catch(() => {});
    const keys = [{ origin: this.#origin, mediaId: 'readiness' }];
    const missing = await Promise.all([
      this.#metadata.check(() => metadata.batchGetMedia({ keys }, { timeoutMs: TIMEOUT_MS })).then(() => [], () => ['metadata']),
      this.#storage.check(() => storage.locateUpload({ maxBytes: 1, store: COMMON_STORE }, { timeoutMs: TIMEOUT_MS })).then(() => [], () => ['storage']),
    ]);
    return missing.flat();
  }

  #requireRoom(): void {
    if (this.#door.isShedding) throw new MediaError('BUSY', 'Requests are refused for want of room');
  }

  #requireChanges(): void {
    if (!this.#changes.isConnected) throw new MediaError('SERVICE_UNAVAILABLE', 'Changes of records are not followed');
  }
}
