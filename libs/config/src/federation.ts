import { isServerName } from '@medley/domain/server-name';
import { z } from 'zod';
import { duration, onOff, size } from './quantity.ts';

const count = z.number().int().positive();
const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]);
/** A server name, or `*.` and a name for every server below it. */
const serverPattern = z.string().refine((text) => isServerName(text.replace(/^\*\./, '')), 'is not a server name, or *. and one');

const notary = z.strictObject({
  server_name: z.string().refine(isServerName, 'is not a Matrix server name'),
  /** Its public keys by key id, in unpadded base64; what it says is believed only if one of them has signed it. */
  keys: z.record(z.string().regex(/^ed25519:\w+$/), z.string().regex(/^[A-Za-z0-9+/]{43}$/)),
});

/** What concerns other Matrix servers: fetching their media, and answering them. */
export const federation = z.strictObject({
  enabled: z.boolean().default(true),
  /** Neither asked nor answered. */
  denied_servers: z.array(serverPattern).default([]),
  /** If present, no other server is asked or answered. */
  allowed_servers: z.array(serverPattern).optional(),
  /** Besides those that are no public addresses. */
  denied_networks: z.array(network).default([]),
  /** Taken although they are denied or no public addresses. */
  allowed_networks: z.array(network).default([]),
  /** Authorities to trust instead of the well-known ones, in PEM. */
  ca: z.string().min(1).optional(),
  /** An HTTP proxy that everything goes through; it must judge addresses itself. */
  proxy: z.url({ protocol: /^https?$/ }).optional(),
  user_agent: z.string().regex(/^[\x20-\x7e]+$/, 'must be printable ASCII').default('Medley/1.0'),
  /** Until a server begins to answer, beyond what it may wait for an upload. */
  timeout: duration.default(30_000),
  /** A body that brings less than 1 KiB for each second of this time is given up. */
  stall_timeout: duration.default(30_000),
  /** A whole transfer. */
  max_duration: duration.default(1_800_000),
  /** Transfers at once in one federation-fetch service, and of these from one server; more wait. */
  max_concurrent: count.default(100),
  max_concurrent_per_server: count.default(8),
  /** Requests that may wait for their turn. */
  max_queued: z.number().int().nonnegative().default(200),
  /** How long a transfer goes on that nobody reads any more. */
  unread_grace: duration.default(60_000),
  /** What bytes on their way may take on the disk of one federation-fetch service. */
  spool_bytes: size.default(2 * 2 ** 30),
  /** A server's “there is no such media” is believed for this long. */
  not_found_lifetime: duration.default(60_000),
  /** A server that does not answer is left alone, first for so long, then twice, up to the most. */
  backoff: z.strictObject({ first: duration.default(10_000), max: duration.default(3_600_000) }).prefault({}),
  /** Asked for keys that a server does not give itself. */
  notaries: z.array(notary).default([]),
  /** A file up to this size is shown to its reader only when all of it is here and allowed; of a larger one the last 64 KiB wait for that. */
  hold_bytes: size.default(256 * 2 ** 10),
  /** Whether our answers to other servers may say where the bytes are, instead of carrying them. Not all of them can follow. */
  redirect: onOff,
});

export type FederationConfig = z.output<typeof federation>;
