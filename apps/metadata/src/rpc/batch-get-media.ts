import type { MxcUri } from '@medley/domain/mxc-uri';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { isLapsed, type MediaRecord, type Quarantine } from '../domain/media-record.ts';
import type { MetadataStore } from '../ports/metadata-store.ts';
import { lookUp } from '../usecases/look-up.ts';
import { parseKey, requireFew } from './fields.ts';
import { toMessage, toQuarantineMessage } from './to-message.ts';

/** Looks up many records at once, and who has quarantined media of which there is none. */
export function batchGetMedia(store: MetadataStore): MetadataServiceImplementation['batchGetMedia'] {
  return async ({ keys }, { signal }) => {
    requireFew('keys', keys.length);
    const uris = keys.map(parseKey);
    const found = await lookUp(store, uris, signal);
    const now = Date.now();
    const records = found.map((record) => (record === undefined || isLapsed(record, now) ? undefined : record));
    const ahead = await findQuarantines(store, uris.filter((_, position) => records[position] === undefined), signal);
    return { results: records.map((record, position) => toLookup(record, ahead.get(uris[position]))) };
  };
}

async function findQuarantines(store: MetadataStore, uris: readonly MxcUri[], signal: AbortSignal) {
  const quarantines = uris.length === 0 ? [] : await store.catalog.findQuarantines(uris, signal);
  return new Map<MxcUri | undefined, Quarantine | undefined>(uris.map((uri, position) => [uri, quarantines[position]]));
}

function toLookup(record: MediaRecord | undefined, quarantine: Quarantine | undefined) {
  if (record !== undefined) return { record: toMessage(record) };
  return quarantine === undefined ? {} : { quarantine: toQuarantineMessage(quarantine) };
}
