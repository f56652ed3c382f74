import { z } from 'zod';
import { duration, size } from './quantity.ts';

const count = z.number().int().positive();
const port = z.number().int().min(1).max(65_535);
const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]);
/** A host name, or `*.` and a name for everything below it. */
const host = z.string().regex(/^(\*\.)?[a-z0-9_.:[\]-]+$/, 'must be a lower-case host name, or *. and one');
/** What a header can carry. */
const headerValue = z.string().regex(/^[\x20-\x7e]+$/, 'must be printable ASCII').max(500);
/** A text in which `*` stands for anything. */
const glob = z.string().min(1).max(500);
const webUrl = z.url({ protocol: /^https?$/ });

/** Parts of a URL that must all fit for it to be refused. */
const urlRule = z.strictObject({
  scheme: glob.optional(), host: glob.optional(), port: glob.optional(), path: glob.optional(), query: glob.optional(),
}).refine((rule) => Object.keys(rule).length > 0, 'names no part of a URL');

const oembedProvider = z.strictObject({
  name: z.string().min(1),
  /** URLs of pages, with `*`; as `http://` and `https://` both. */
  schemes: z.array(glob).min(1),
  endpoint: webUrl,
});

/** What concerns URL previews. */
export const urlPreviews = z.strictObject({
  enabled: z.boolean().default(true),
  /** For a whole preview: the page, what leads to it, and its image. */
  timeout: duration.default(10_000),
  /** What is read of a page; the rest does not matter. */
  max_page_bytes: size.default(2 ** 20),
  /** Larger images are left out. */
  max_image_bytes: size.default(10 * 2 ** 20),
  max_redirects: z.number().int().nonnegative().default(3),
  /** How long an answer is kept if its page says nothing. */
  lifetime: duration.default(3_600_000),
  /** What a page may make of it; no answer is kept for less than a minute. */
  max_lifetime: duration.default(86_400_000),
  /** How long a failure is remembered. */
  failure_lifetime: duration.default(60_000),
  /** How long preview images are kept, at least as long as any answer that names them. */
  image_lifetime: duration.default(172_800_000),
  /** For clients that name no language. */
  accept_language: headerValue.default('en'),
  user_agent: headerValue.default('MedleyBot/1.0 (Matrix URL previews)'),
  /** Other names for sites that answer only some. */
  user_agents: z.array(z.strictObject({ hosts: z.array(host).min(1), user_agent: headerValue })).default([]),
  ports: z.union([z.literal('any'), z.array(port)]).default([80, 443, 8080, 8443, 8448]),
  /** Besides those that are no public addresses. */
  denied_networks: z.array(network).default([]),
  /** Taken although they are denied or no public addresses. */
  allowed_networks: z.array(network).default([]),
  denied_hosts: z.array(host).default([]),
  /** If present, no other host is asked. */
  allowed_hosts: z.array(host).optional(),
  denied_urls: z.array(urlRule).default([]),
  oembed: z.boolean().default(true),
  /** Come before the built-in ones. */
  oembed_providers: z.array(oembedProvider).default([]),
  /** An HTTP proxy that everything goes through; it must judge addresses itself. */
  proxy: webUrl.optional(),
  /** Previews made at once by one url-preview service, and how many more may wait. */
  max_concurrent: count.default(50),
  max_queued: z.number().int().nonnegative().default(100),
  /** Previews that one user may wait for at once at one gateway. */
  max_per_user: count.default(10),
}).refine(({ max_lifetime, image_lifetime }) => max_lifetime <= image_lifetime, {
  path: ['image_lifetime'], message: 'must not be shorter than max_lifetime',
});

export type UrlPreviewsConfig = z.output<typeof urlPreviews>;
