import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, resolveConfig } from '@medley/config/load';
import { schema } from '@medley/config/schema';
import { parseYaml } from '@medley/config/yaml';
import { REMOTE_AUTHORITY, REMOTE_TLS } from '@medley/testing/fake-remote-certificates';
import { makeSigningKey } from '@medley/testing/fake-remote-keys';
import { readBlocks } from './markdown.ts';
import type { Page } from './pages.ts';

type Section = Readonly<Record<string, unknown>>;

/** What parts of a configuration lean on. */
const APPSERVICES = ['irc', 'telegram'].map((id) => ({ id, as_token: id, sender_localpart: id }));
const HOMESERVER = { server_name: 'example.org', client_api: 'http://127.0.0.1:8018', appservices: APPSERVICES };
const S3 = { endpoint: 'http://127.0.0.1:9000', bucket: 'medley', access_key: 'a', secret_key: 'b' };
const QUOTAS = { info_uri: 'https://example.org/limits' };
const REGISTRATION = 'id: a\nas_token: b\nhs_token: c\nsender_localpart: d\nnamespaces: { users: [] }\n';
/** What files hold of which something is known. */
const DUMMIES: Readonly<Record<string, string>> = { ca: REMOTE_AUTHORITY, ...REMOTE_TLS, signing_key: makeSigningKey(), registration: REGISTRATION };
/** Values of the Helm chart, which has a schema and tests of its own. */
const OF_THE_CHART = ['docs/how-to/kubernetes.md', 'docs/reference/helm.md'];
/** What begins the files of others: Synapse's, Kubernetes', Prometheus', Traefik's, Compose's, values of Element Server Suite and of our chart. */
const FOREIGN = ['apiVersion', 'app_service_config_files', 'contentScanner', 'enable_media_repo', 'entryPoints', 'http', 'labels', 'scrape_configs', 'services', 'synapse'];

/** What is wrong with the parts of the configuration that a page shows. `folder` is for dummies of the secret files. */
export async function findConfigMistakes({ path, text }: Page, folder: string): Promise<readonly string[]> {
  if (OF_THE_CHART.includes(path)) return [];
  const blocks = readBlocks(text).filter(({ language }) => language === 'yaml');
  const mistakes = await Promise.all(blocks.map(async (block) => ({ ...block, found: await check(block.text, folder) })));
  return mistakes.flatMap(({ line, found }) => found.map((mistake) => `${path}:${line}: ${mistake}`));
}

async function check(text: string, folder: string): Promise<readonly string[]> {
  const config = readSection(text);
  const [first] = Object.keys(config);
  if (first !== undefined && FOREIGN.includes(first) && !(first in schema.shape)) return [];
  try {
    await resolveConfig(await complete(config, folder), {});
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
}

/** What stands further right is a part of a homeserver. */
function readSection(text: string): Section {
  const parsed = parseYaml(text) as Section;
  return text.startsWith(' ') ? { homeservers: [parsed] } : parsed;
}

/** A configuration that has this part, and all that it needs besides. */
async function complete(config: Section, folder: string): Promise<unknown> {
  const { homeservers = [HOMESERVER], storage, policies } = config as { homeservers?: Section[]; storage?: Section; policies?: unknown };
  const { kind = 's3' } = storage ?? {};
  return withDummies({
    ...(policies !== undefined && { quotas: QUOTAS }),
    ...config,
    ...(storage !== undefined && kind === 's3' && { storage: { ...withoutFiles(S3, storage), ...storage } }),
    homeservers: homeservers.map((one) => ({ ...withoutFiles(HOMESERVER, one), ...one })),
  }, folder);
}

/** What `base` says and `section` does not, be it by a file. */
function withoutFiles(base: Section, section: Section): Section {
  return Object.fromEntries(Object.entries(base).filter(([key]) => !(`${key}_file` in section)));
}

/** Puts dummies in the places of all files that a page names. */
async function withDummies(value: unknown, folder: string): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => withDummies(item, folder)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([name, item]) => {
    if (!name.endsWith('_file')) return [name, await withDummies(item, folder)] as const;
    const kind = name.slice(0, -'_file'.length);
    const dummy = join(folder, kind);
    await writeFile(dummy, DUMMIES[kind] ?? 'a-secret-of-a-page');
    return [name, dummy] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
