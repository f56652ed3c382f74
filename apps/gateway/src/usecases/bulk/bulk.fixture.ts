import type { ListMediaRequest, ListMediaResponse } from '@medley/proto/metadata/catalog';
import { MediaState, type MediaKey, type MediaRecord } from '@medley/proto/metadata/media';
import type { DeleteMediaRequest, SetQuarantineRequest } from '@medley/proto/metadata/moderation';
import { MediaUseKind, type ListRoomMediaRequest } from '@medley/proto/metadata/rooms';
import type { Gateway } from '../../gateway.ts';
import { makeTenant } from '../../tenants.fixture.ts';
import type { BulkAct } from './bulk-act.ts';

const ORIGIN = 'a.example';
const TENANT = makeTenant({ server_name: ORIGIN });

/** Media of one user, all used in one room, and what metadata says of them. */
export class FakeMedia {
  readonly records = new Map<string, MediaRecord>();
  /** How many media each changing call has named. */
  readonly named: number[] = [];
  /** Media ids that are avatars. */
  readonly avatars = new Set<string>();

  constructor(count: number) {
    for (let index = 0; index < count; index += 1) this.add(`media${String(index).padStart(4, '0')}`);
  }

  add(mediaId: string): void {
    this.records.set(mediaId, {
      key: { origin: ORIGIN, mediaId }, state: MediaState.AVAILABLE, userId: `@u:${ORIGIN}`, createdAtMs: 0, lost: false, remote: false, protected: false,
    });
  }

  /** All of a gateway that bulk work uses. */
  get gateway(): Gateway {
    const metadata = {
      listMedia: async (request: ListMediaRequest) => this.#list(request),
      batchGetMedia: async ({ keys }: { readonly keys: readonly MediaKey[] }) => ({ results: keys.map(({ mediaId }) => ({ record: this.records.get(mediaId) })) }),
      listMediaUses: async ({ keys }: { readonly keys: readonly MediaKey[] }) => ({ uses: keys.filter(({ mediaId }) => this.avatars.has(mediaId)).map((key) => ({ key })) }),
      listRoomMedia: async ({ limit, after }: ListRoomMediaRequest) => {
        const { records, next } = this.#list({ limit, after, descending: false, withTotal: false });
        return { uses: records.map(({ key }) => ({ key, kind: MediaUseKind.EVENT })), next };
      },
      deleteMedia: async ({ keys }: DeleteMediaRequest) => {
        this.named.push(keys.length);
        return { deleted: keys.filter(({ mediaId }) => this.records.delete(mediaId)) };
      },
      setQuarantine: async (request: SetQuarantineRequest) => this.#quarantine(request),
    };
    const tenants = { isLocal: (origin: string) => origin === ORIGIN };
    return { services: { metadata }, tenants, config: { homeservers: [{}], trashOf: () => 0 } } as unknown as Gateway;
  }

  #list({ filter, limit, after }: ListMediaRequest): ListMediaResponse {
    const all = [...this.records.values()].filter(({ quarantine }) => filter?.quarantined !== false || quarantine === undefined);
    const rest = all.filter(({ key }) => (key?.mediaId ?? '') > (after ?? ''));
    const records = rest.slice(0, limit);
    return { records, next: rest.length > limit ? records.at(-1)?.key?.mediaId : undefined };
  }

  async #quarantine({ keys, by, reason }: SetQuarantineRequest): Promise<{ affectedCount: number }> {
    this.named.push(keys.length);
    for (const { mediaId } of keys) {
      const record = this.records.get(mediaId);
      if (record !== undefined) this.records.set(mediaId, { ...record, quarantine: { by, atMs: Date.now(), reason } });
    }
    return { affectedCount: keys.length };
  }
}

/** An act of an admin who waits for so long. */
export function actWithin(budgetMs: number, signal: AbortSignal = new AbortController().signal): BulkAct {
  return { tenant: TENANT, by: `@admin:${ORIGIN}`, reason: 'test', signal, budgetMs };
}
