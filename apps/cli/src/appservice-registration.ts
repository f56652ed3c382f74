import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { HomeserverConfig } from '@medley/config/schema';
import { readCliConfig } from './cli-config.ts';
import type { Outcome } from './cli-job.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { CommonOptions } from './options.ts';
import { tellFailure, tellOutcome } from './tell.ts';

/** What `medley appservice registration` understands besides. */
export interface RegistrationFlags {
  readonly server: string;
  readonly url: string;
  readonly out?: string;
}

interface Registration {
  readonly id: string;
  readonly url: string;
  readonly asToken: string;
  readonly hsToken: string;
  readonly senderLocalpart: string;
}

const COMMAND = 'appservice registration';
const TOKEN_BYTES = 32;
/** The file holds secrets. */
const FILE_MODE = 0o600;

/**
 * `medley appservice registration`: the file that makes a homeserver push the events of its rooms here, with the tokens of
 * the configuration or with new ones. Never overwrites a file.
 */
export async function makeRegistration(flags: RegistrationFlags, options: CommonOptions): Promise<ExitCode> {
  try {
    const { config } = await readCliConfig(options.config, process.env);
    const homeserver = config.homeservers.find(({ server_name: name }) => name === flags.server);
    if (homeserver === undefined) throw new Error(`the configuration names no homeserver ${flags.server}`);
    const registration = toRegistration(homeserver, flags.url);
    const outcome = toOutcome(registration, flags, homeserver.appservice !== undefined);
    if (flags.out !== undefined) await writeFile(flags.out, toYaml(registration), { flag: 'wx', mode: FILE_MODE });
    tellOutcome(COMMAND, outcome, options);
    return outcome.exitCode;
  } catch (error) {
    return tellFailure(COMMAND, error, options);
  }
}

function toRegistration({ appservice }: HomeserverConfig, url: string): Registration {
  return {
    id: appservice?.id ?? 'medley',
    url: url.replace(/\/+$/, ''),
    asToken: appservice?.as_token ?? newToken(),
    hsToken: appservice?.hs_token ?? newToken(),
    senderLocalpart: appservice?.sender_localpart ?? 'medley',
  };
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Application Service API, “Registration”. The namespace of rooms makes the homeserver push the events of all rooms that it is in. */
function toYaml({ id, url, asToken, hsToken, senderLocalpart }: Registration): string {
  // a JSON string is a YAML string
  const quote = (text: string): string => JSON.stringify(text);
  return `${[
    `id: ${quote(id)}`, `url: ${quote(url)}`, `as_token: ${quote(asToken)}`, `hs_token: ${quote(hsToken)}`, `sender_localpart: ${quote(senderLocalpart)}`,
    'rate_limited: false', 'receive_ephemeral: false',
    'namespaces:', '  users: []', '  aliases: []', '  rooms:', '    - exclusive: false', '      regex: "!.*"',
  ].join('\n')}\n`;
}

function toOutcome(registration: Registration, { server, out }: RegistrationFlags, isConfigured: boolean): Outcome {
  const note = isConfigured ? ['It has the hs_token of the configuration.'] : [
    'Put this into the configuration, at this homeserver, and start Medley anew:',
    `  - server_name: ${server}`,
    `    appservice: ${JSON.stringify({ hs_token: registration.hsToken, as_token: registration.asToken })}`,
  ];
  const lines = out === undefined ? [toYaml(registration), ...note.map((line) => `# ${line}`)] : [`The registration is in ${out}.`, ...note];
  return { report: { ...registration, out, isConfigured }, lines, exitCode: EXIT.ok };
}
