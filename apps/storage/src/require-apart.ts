import { stat } from 'node:fs/promises';
import { ConfigError } from '@medley/config/load';
import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';

/**
 * Throws ConfigError where two stores are one folder under two names, by a link or a mount, which their paths do not tell: each
 * would sweep what the other's records name. A folder that is away is passed over.
 */
export async function requireApart(folders: ReadonlyMap<StoreName, string>): Promise<void> {
  const taken = new Map<string, StoreName>();
  for (const [name, folder] of folders) {
    const found = await stat(folder, { bigint: true }).catch(() => undefined);
    if (found === undefined) continue;
    const place = `${found.dev}:${found.ino}`;
    const other = taken.get(place);
    if (other !== undefined) throw new ConfigError([`homeservers[].storage.path of ${name}: is the folder of ${other === COMMON_STORE ? 'storage' : other} by another name`]);
    taken.set(place, name);
  }
}
