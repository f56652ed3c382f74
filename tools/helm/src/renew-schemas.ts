/** `node tools/helm/src/renew-schemas.ts` makes schemas.json anew, from the Go modules that schema-sources.ts names. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseYaml } from '@medley/config/yaml';
import { at, isRecord, type Json, type JsonObject } from './json.ts';
import { KUBERNETES, SCHEMA_SOURCES, type SchemaSource } from './schema-sources.ts';
import { SCHEMAS_FILE, type Schemas } from './schemas.ts';

const DEFINITION = '#/definitions/';
/** Keywords that say something about which objects are right; the rest is prose, or for servers. */
const KEPT = new Set([
  '$ref', 'additionalProperties', 'allOf', 'anyOf', 'enum', 'items', 'maximum', 'maxItems', 'maxLength', 'maxProperties', 'minimum', 'minItems',
  'minLength', 'minProperties', 'not', 'oneOf', 'pattern', 'properties', 'required', 'type',
]);
const SPECIAL: Readonly<Record<string, JsonObject>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['integer', 'string'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['number', 'string'] },
};

async function readModuleFile({ module, file }: { readonly module: string; readonly file: string }): Promise<string> {
  const answer: unknown = JSON.parse(execFileSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8', cwd: '/' }));
  return readFile(join(String(at(answer, 'Dir')), file), 'utf8');
}

/** A schema without prose, which takes no key that it does not name. */
function tighten(schema: unknown): Json {
  if (Array.isArray(schema)) return schema.map(tighten);
  if (!isRecord(schema)) return schema as Json;
  const entries = Object.entries(schema).filter(([key]) => KEPT.has(key)).map(([key, value]) => [key, key === 'properties' ? eachTightened(value) : tighten(value)]);
  const isClosed = isRecord(schema['properties']) && schema['additionalProperties'] === undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true;
  return { ...Object.fromEntries(entries), ...(isClosed && { additionalProperties: false }) };
}

function eachTightened(properties: unknown): Json {
  return Object.fromEntries(Object.entries(properties as object).map(([name, value]) => [name, tighten(value)]));
}

/** The named definition and all that it refers to, put into `into`. */
function collect(name: string, all: unknown, into: Record<string, Json>): void {
  if (into[name] !== undefined) return;
  const schema = SPECIAL[name] ?? tighten(at(all, name));
  into[name] = schema;
  for (const [, referred = ''] of JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) collect(referred, all, into);
}

async function readCustom(source: { readonly module: string; readonly file: string }, { apiVersion, kind }: SchemaSource): Promise<Json> {
  const versions = at(parseYaml(await readModuleFile(source)), 'spec', 'versions');
  const version = (Array.isArray(versions) ? versions : []).find((one) => at(one, 'name') === apiVersion.split('/')[1]);
  const schema = tighten(at(version, 'schema', 'openAPIV3Schema'));
  if (!isRecord(schema) || !isRecord(schema['properties'])) throw new Error(`no schema for ${kind} in ${source.file}`);
  return { ...schema, properties: { ...schema['properties'], metadata: { $ref: `${DEFINITION}${METADATA}` } } } as Json;
}

const METADATA = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

async function makeSchemas(): Promise<Schemas> {
  const openApi = at(JSON.parse(await readModuleFile(KUBERNETES)), 'definitions');
  const definitions: Record<string, Json> = {};
  const kinds: Record<string, Json> = {};
  collect(METADATA, openApi, definitions);
  for (const source of SCHEMA_SOURCES) {
    const { apiVersion, kind, from } = source;
    if ('definition' in from) collect(from.definition, openApi, definitions);
    kinds[`${apiVersion}/${kind}`] = 'definition' in from ? { $ref: `${DEFINITION}${from.definition}` } : await readCustom(from, source);
  }
  return { definitions, kinds };
}

const { definitions, kinds } = await makeSchemas();
// One line for each, so that a change can be read.
const lines = (record: Readonly<Record<string, Json>>): string => Object.entries(record).map(([name, schema]) => `${JSON.stringify(name)}: ${JSON.stringify(schema)}`).join(',\n');
await writeFile(SCHEMAS_FILE, `{"definitions": {\n${lines(definitions)}\n}, "kinds": {\n${lines(kinds)}\n}}\n`);
console.log(`${Object.keys(definitions).length} definitions, ${Object.keys(kinds).length} kinds`);
