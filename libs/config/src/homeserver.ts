import { isServerName } from '@medley/domain/server-name';
import { parseSigningKeys, SigningKeyError } from '@medley/matrix/signing-key';
import { z } from 'zod';

const serverName = z.string().refine(isServerName, 'is not a Matrix server name');
const userId = z.string().regex(/^@[^:\s]+:.+$/, 'is not a Matrix user id like @alice:example.org');
const secret = z.string().min(1);
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
  /** Where the homeserver answers whoami; without it only static tokens are known. */
  client_api: z.url({ protocol: /^https?$/ }).optional(),
  hosts: z.array(z.string()).default([]),
  signing_key: signingKey.optional(),
  url_previews: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
  admins: z.array(userId).default([]),
  static_tokens: z.array(staticToken).default([]),
  /** What its homeserver pushes events with, see `medley appservice registration`. */
  appservice: z.strictObject({
    hs_token: secret,
    /** Without it the homeserver is not asked anything in the appservice's name. */
    as_token: secret.optional(),
    id: z.string().min(1).default('medley'),
    sender_localpart: z.string().regex(/^[a-z0-9._=/+-]+$/).default('medley'),
  }).optional(),
});

/** A host must choose one homeserver, or users' tokens would be shown to the wrong one. */
function checkHomeservers(homeservers: readonly z.output<typeof homeserver>[], context: z.RefinementCtx): void {
  const owners = new Map<string, number>();
  homeservers.forEach(({ server_name, hosts, static_tokens }, index) => {
    const names = new Set([server_name, ...hosts].map((host) => host.toLowerCase().replace(/:\d+$/, '')));
    for (const name of names) {
      if (owners.has(name)) context.addIssue({ code: 'custom', path: [index], message: `the host ${name} already chooses homeservers[${owners.get(name)}]` });
      owners.set(name, index);
    }
    static_tokens.forEach(({ user_id }, position) => {
      if (user_id.slice(user_id.indexOf(':') + 1) === server_name) return;
      context.addIssue({ code: 'custom', path: [index, 'static_tokens', position, 'user_id'], message: `is not a user of ${server_name}` });
    });
  });
}

/** The tenants: one or many. */
export const homeservers = z.array(homeserver).min(1, 'names no homeserver').superRefine(checkHomeservers);

export type HomeserverConfig = z.output<typeof homeserver>;
