import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Json } from './json.ts';

/** JSON Schemas of the kinds that the chart renders, by `apiVersion/Kind`, and what they refer to. */
export interface Schemas {
  readonly definitions: Readonly<Record<string, Json>>;
  readonly kinds: Readonly<Record<string, Json>>;
}

/** Where they lie: data, made by renew-schemas.ts, so that no test needs a network. */
export const SCHEMAS_FILE = fileURLToPath(new URL('../schemas.json', import.meta.url));

/** Writes each schema to a file of its own in `folder`, and answers with the place as kubeconform takes it. */
export async function writeSchemas(folder: string): Promise<string> {
  const { definitions, kinds } = JSON.parse(await readFile(SCHEMAS_FILE, 'utf8')) as Schemas;
  for (const [name, schema] of Object.entries(kinds)) {
    const [kind = '', version = '', group = ''] = name.split('/').toReversed();
    const parts = [kind.toLowerCase(), group.split('.')[0], version].filter((part) => part !== '');
    await writeFile(join(folder, `${parts.join('-')}.json`), JSON.stringify({ ...(schema as object), definitions }));
  }
  return join(folder, '{{.ResourceKind}}{{.KindSuffix}}.json');
}
