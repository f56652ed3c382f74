import { z } from 'zod';
import { duration } from './quantity.ts';

const secret = z.string().min(1);
const url = z.url({ protocol: /^https?$/ });

/** Where OAuth 2.0 access tokens are asked about (RFC 7662), such as Matrix Authentication Service. */
export const introspection = z.strictObject({
  endpoint: url,
  /** With it we show ourselves by HTTP Basic; without it the secret is a bearer token, as MAS takes it from its homeserver. */
  client_id: z.string().min(1).optional(),
  client_secret: secret,
  /** A token with one of these scopes is an admin's. */
  admin_scopes: z.array(z.string().min(1)).default(['urn:synapse:admin:*']),
});

export type IntrospectionConfig = z.output<typeof introspection>;

/** How to learn who is suspended, which whoami does not say. */
export const suspension = z.strictObject({
  /** `spec` is Matrix v1.18's `GET /_matrix/client/v1/admin/suspend/{userId}`, `synapse` its `GET /_synapse/admin/v2/users/{userId}`. */
  check: z.enum(['off', 'spec', 'synapse']).default('off'),
  /** Of an admin of the homeserver. */
  token: secret.optional(),
  lifetime: duration.default(60_000),
}).refine(({ check, token }) => check === 'off' || token !== undefined, { path: ['token'], message: 'an admin’s token is needed to ask' });

export type SuspensionConfig = z.output<typeof suspension>;
