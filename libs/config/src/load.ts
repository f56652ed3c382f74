import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { overlayEnv } from './env.ts';
import { schema, type MedleyConfig } from './schema.ts';
import { readSecretFiles } from './secret-files.ts';

/** Everything that is wrong with a configuration, one line each with the key's path. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(`The configuration has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map((one) => `  ${one}`).join('\n')}`);
    this.mistakes = mistakes;
  }
}

/** The exit code of a process that can't read its configuration (EX_CONFIG of sysexits). */
export const EXIT_CONFIG = 78;

type Env = Readonly<Record<string, string | undefined>>;

/** Reads a YAML file (none: an empty configuration), then the environment over it, then the secret files. Throws ConfigError. */
export async function loadConfig(path: string | undefined, env: Env): Promise<MedleyConfig> {
  return resolveConfig(path === undefined ? {} : await readYaml(path), env);
}

/** Checks a configuration given as plain data; see loadConfig. */
export async function resolveConfig(raw: unknown, env: Env): Promise<MedleyConfig> {
  const mistakes: string[] = [];
  const withSecrets = await readSecretFiles(overlay(raw, env), mistakes);
  const result = schema.safeParse(withSecrets);
  if (!result.success) mistakes.push(...result.error.issues.map((issue) => `${toPath(issue.path)}: ${issue.message}`));
  if (mistakes.length > 0 || !result.success) throw new ConfigError(mistakes);
  return result.data;
}

function overlay(raw: unknown, env: Env): unknown {
  try {
    return overlayEnv(raw, env);
  } catch (error) {
    throw new ConfigError([`the environment: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

async function readYaml(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8')) ?? {};
  } catch (error) {
    throw new ConfigError([`${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** `['homeservers', 0, 'server_name']` → `homeservers[0].server_name` */
function toPath(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text === '' ? '(top)' : text.replace(/^\./, '');
}
