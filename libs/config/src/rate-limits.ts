import { z } from 'zod';
import { duration, size } from './quantity.ts';

/** What requests are counted as; each has limits of its own. */
export const LIMIT_CLASSES = ['upload', 'create', 'download', 'thumbnail', 'preview', 'admin', 'federation', 'other'] as const;
export type LimitClass = (typeof LIMIT_CLASSES)[number];

/** Addresses are many users' where there is a proxy that hides them, or a large office behind one. */
const USERS_OF_AN_ADDRESS = 10;

const rate = (perSecond: number, burst: number) => z.strictObject({
  /** How many come back each second. */
  per_second: z.number().nonnegative().max(1e9).default(perSecond),
  /** How many may come at once; 0: no limit. */
  burst: z.number().nonnegative().max(1e9).default(burst),
}).prefault({});

const byteRate = (perSecond: number, burst: number) => z.strictObject({
  /** What comes back each second. */
  bytes_per_second: size.default(perSecond),
  /** What may be taken at once; 0: no limit. */
  burst: size.default(burst),
}).prefault({});

const ofUsers = (perSecond: number, burst: number) => z.strictObject({
  per_user: rate(perSecond, burst),
  per_address: rate(perSecond * USERS_OF_AN_ADDRESS, burst * USERS_OF_AN_ADDRESS),
}).prefault({});

/** How much may be asked for. */
export const rateLimits = z.strictObject({
  /** Whether there are any of these limits; those of `remote_download` stay. */
  enabled: z.boolean().default(true),
  upload: ofUsers(20, 200),
  /** Synapse's `rc_media_create`. */
  create: ofUsers(10, 50),
  download: ofUsers(100, 1000),
  /** A client that opens a large room asks for hundreds at once. */
  thumbnail: ofUsers(200, 2000),
  preview: ofUsers(10, 100),
  admin: ofUsers(100, 1000),
  other: ofUsers(50, 500),
  /** What other Matrix servers ask for. */
  federation: z.strictObject({ per_server: rate(200, 2000), per_address: rate(400, 4000) }).prefault({}),
  /** Requests with tokens that turned out to be bad. */
  bad_tokens: z.strictObject({ per_address: rate(5, 200) }).prefault({}),
  /** Asking for the keys of servers that are not known yet. */
  key_lookups: z.strictObject({
    per_address: rate(10, 100),
    /** Of these under way at once for one address, in one gateway; 0: no limit. */
    at_once: z.number().int().nonnegative().default(32),
  }).prefault({}),
  /** Bytes that are fetched from other servers; what is here already costs nothing. */
  remote_download: z.strictObject({
    per_user: byteRate(87 * 2 ** 10, 500 * 2 ** 20),
    per_server: byteRate(2 * 2 ** 20, 2 * 2 ** 30),
  }).prefault({}),
  /** How many thumbnails are made at once for one user, and wait for that, in one gateway; 0 at once: no limit. */
  thumbnails: z.strictObject({
    at_once: z.number().int().nonnegative().default(4),
    max_waiting: z.number().int().nonnegative().default(250),
    max_wait: duration.default(60_000),
  }).prefault({}),
  /** What part of a user's limits a guest has. */
  guest_factor: z.number().positive().max(1).default(1 / 2),
  /** Whether admins are limited, too: those whom the configuration or their token calls so. */
  limit_admins: z.boolean().default(false),
});

export type RateLimitsConfig = z.output<typeof rateLimits>;
/** How many may come. */
export type RateConfig = z.output<ReturnType<typeof rate>>;
