import { isServerName } from '@medley/domain/server-name';
import { parseSigningKeys, SigningKeyError } from '@medley/matrix/signing-key';
import { z } from 'zod';
import { introspection, suspension } from './accounts.ts';
import { appservice } from './appservices.ts';
import { ownStore } from './own-stores.ts';
import { ownRetention } from './retention.ts';

const serverName = z.string().refine(isServerName, 'is not a Matrix server name');
const userId = z.string().regex(/^@[^:\s]+:.+$/, 'is not a Matrix user id like @alice:example.org');
const secret = z.string().min(1);
/** A name, an IPv4 address, or an IPv6 address in brackets; a port is passed over. */
const HOST = /^([\w-]+(\.[\w-]+)*\.?|\[[0-9a-f:.]+\])(:\d+)?$/i;
/** The text of a file of signing keys; the first of them signs. */
const signingKey = secret.superRefine((text, context) => {
  try {
    parseSigningKeys(text);
  } catch (error) {
    if (!(error instanceof SigningKeyError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

const staticToken = z.strictObject({
  token: secret,
  user_id: userId,
  admin: z.boolean().default(false),
  guest: z.boolean().default(false),
});

/** One homeserver whose media is kept: a tenant. */
const homeserver = z.strictObject({
  server_name: serverName,
  /** Where the homeserver answers whoami. */
  client_api: z.url({ protocol: /^https?$/ }).optional(),
  introspection: introspection.optional(),
  suspension: suspension.prefault({}),
  /** Whether tokens may stand in URLs, as in Matrix until v1.19; `auto` asks the homeserver which versions it speaks. */
  query_token: z.enum(['auto', 'on', 'off']).default('auto'),
  /** Names that choose it besides its own, internal ones too; case, port and a trailing dot do not count. */
  hosts: z.array(z.string().regex(HOST, 'is not a host name or an address')).default([]),
  signing_key: signingKey.optional(),
  url_previews: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
  /** Where what its users upload lies, if apart from all others. */
  storage: ownStore.optional(),
  retention: ownRetention.prefault({}),
  admins: z.array(userId).default([]),
  static_tokens: z.array(staticToken).default([]),
  /** Those whose tokens are known without asking. */
  appservices: z.array(appservice).default([]),
  /** What its homeserver pushes events with, see `medley appservice registration`. */
  appservice: z.strictObject({
    hs_token: secret,
    /** Without it the homeserver is not asked anything in the appservice's name. */
    as_token: secret.optional(),
    id: z.string().min(1).default('medley'),
    sender_localpart: z.string().regex(/^[a-z0-9._=/+-]+$/).default('medley'),
  }).optional(),
});

type Homeserver = z.output<typeof homeserver>;

/** A host must choose one homeserver, or users' tokens would be shown to the wrong one. */
function checkHomeservers(homeservers: readonly Homeserver[], context: z.RefinementCtx): void {
  const owners = new Map<string, number>();
  homeservers.forEach((one, index) => {
    for (const name of new Set([one.server_name, ...one.hosts].map(toHostName))) {
      if (owners.has(name)) context.addIssue({ code: 'custom', path: [index], message: `the host ${name} already chooses homeservers[${owners.get(name)}]` });
      owners.set(name, index);
    }
    const isTwice = homeservers.slice(0, index).some(({ appservice: other }) => other !== undefined && other.hs_token === one.appservice?.hs_token);
    if (isTwice) context.addIssue({ code: 'custom', path: [index, 'appservice', 'hs_token'], message: 'is that of another homeserver, too' });
    checkUsers(one, (path, message) => context.addIssue({ code: 'custom', path: [index, ...path], message }));
  });
}

type Complain = (path: readonly (string | number)[], message: string) => void;

function checkUsers({ server_name, client_api, suspension: { check }, static_tokens, appservices, retention }: Homeserver, complain: Complain): void {
  const isForeign = (userId: string): boolean => userId.slice(userId.indexOf(':') + 1) !== server_name;
  if (check !== 'off' && client_api === undefined) complain(['suspension', 'check'], 'needs a client_api to ask');
  static_tokens.forEach(({ user_id }, position) => {
    if (isForeign(user_id)) complain(['static_tokens', position, 'user_id'], `is not a user of ${server_name}`);
  });
  retention.rules.forEach(({ user }, position) => {
    if (user !== undefined && isForeign(user)) complain(['retention', 'rules', position, 'user'], `is not a user of ${server_name}`);
  });
  appservices.forEach(({ id, as_token }, position) => {
    const isTwice = appservices.slice(0, position).some((other) => other.id === id || other.as_token === as_token);
    if (isTwice) complain(['appservices', position], 'has the id or the as_token of one before');
  });
}

/** What of an HTTP `Host` chooses: not its case, its port, or the dot that ends a full name. */
export function toHostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

/** The tenants: one or many. */
export const homeservers = z.array(homeserver).min(1, 'names no homeserver').superRefine(checkHomeservers);

/** User ids that are admins of every homeserver of this deployment. */
export const globalAdmins = z.array(userId).default([]);

/** A global admin must be somebody's user. */
export function checkGlobalAdmins({ homeservers: all, global_admins }: { readonly homeservers: readonly Homeserver[]; readonly global_admins: readonly string[] }, context: z.RefinementCtx): void {
  const names = new Set(all.map(({ server_name }) => server_name));
  global_admins.forEach((id, index) => {
    if (!names.has(id.slice(id.indexOf(':') + 1))) context.addIssue({ code: 'custom', path: ['global_admins', index], message: 'is not a user of a homeserver that is configured' });
  });
}

export type HomeserverConfig = Homeserver;
