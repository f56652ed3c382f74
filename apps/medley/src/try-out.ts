import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveConfig } from '@medley/config/load';
import { configPath } from '@medley/runtime/run-service';
import type { MedleyConfig } from '@medley/config/schema';

export interface TryOutTokens {
  readonly user: string;
  readonly admin: string;
}

export interface TryOut {
  readonly config: MedleyConfig;
  readonly tokens: TryOutTokens;
  /** The same as environment variables, for services in processes of their own. */
  readonly env: Readonly<Record<string, string>>;
}

const SERVER_NAME = 'localhost';

/** Whether nobody has configured anything: no file, and no homeserver in the environment. */
export function isTryOut(): boolean {
  const isConfigured = Object.keys(process.env).some((name) => name.startsWith('MEDLEY_HOMESERVERS'));
  return configPath() === undefined && !isConfigured;
}

/**
 * The configuration of a try-out: everything embedded, server name `localhost`, and two tokens made for this data
 * folder and kept there. The environment still lies over it.
 */
export async function makeTryOut(env: NodeJS.ProcessEnv): Promise<TryOut> {
  const dataDir = env['MEDLEY_DATA_DIR'] ?? './data';
  const tokens = await keepTokens(dataDir);
  const staticTokens = [
    { token: tokens.user, user_id: `@user:${SERVER_NAME}` },
    { token: tokens.admin, user_id: `@admin:${SERVER_NAME}`, admin: true },
  ];
  const made = {
    MEDLEY_DATA_DIR: dataDir,
    MEDLEY_HOMESERVERS: JSON.stringify([{ server_name: SERVER_NAME, static_tokens: staticTokens }]),
    MEDLEY_METRICS__PORT: env['MEDLEY_METRICS__PORT'] ?? '0',
  };
  return { config: await resolveConfig({}, { ...env, ...made }), tokens, env: made };
}

async function keepTokens(dataDir: string): Promise<TryOutTokens> {
  const path = join(dataDir, 'try-out-tokens.json');
  await mkdir(dataDir, { recursive: true });
  const made: TryOutTokens = { user: makeToken('user'), admin: makeToken('admin') };
  try {
    await writeFile(path, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    return JSON.parse(await readFile(path, 'utf8')) as TryOutTokens;
  }
}

function makeToken(name: string): string {
  return `try_${name}_${randomBytes(18).toString('base64url')}`;
}

/** What a newcomer does next. */
export function tryOutHint(url: string, tokens: TryOutTokens): string {
  return `
Medley is up at ${url} — a try-out: server name "localhost", data in the data folder.
  user token   ${tokens.user}
  admin token  ${tokens.admin}

Upload a picture:
  curl -H 'Authorization: Bearer ${tokens.user}' -H 'Content-Type: image/jpeg' --data-binary @photo.jpg '${url}/_matrix/media/v3/upload?filename=photo.jpg'
Then, with the media ID at the end of the content_uri it answers:
  curl -H 'Authorization: Bearer ${tokens.user}' -o copy.jpg  '${url}/_matrix/client/v1/media/download/localhost/MEDIA_ID'
  curl -H 'Authorization: Bearer ${tokens.user}' -o small.jpg '${url}/_matrix/client/v1/media/thumbnail/localhost/MEDIA_ID?width=320&height=240'
`;
}
