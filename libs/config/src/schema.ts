import { z } from 'zod';
import { clamav } from './clamav.ts';
import { contentScanner } from './content-scanner.ts';
import { federation } from './federation.ts';
import { checkGlobalAdmins, globalAdmins, homeservers } from './homeserver.ts';
import { listen } from './listen.ts';
import { checkPolicies, policies } from './policies.ts';
import { bucket, checkOwnStores, prefix } from './own-stores.ts';
import { duration, onOff, pixels, size } from './quantity.ts';
import { quotas } from './quotas.ts';
import { rateLimits } from './rate-limits.ts';
import { retention } from './retention.ts';
import { serviceUrl } from './service-url.ts';
import { telemetry } from './telemetry.ts';
import { tls } from './tls.ts';
import { uploads } from './uploads.ts';
import { urlPreviews } from './url-previews.ts';
import { webhook } from './webhook.ts';

const port = z.number().int().min(0).max(65_535);
const secret = z.string().min(1);

const metadata = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sqlite') }),
  z.strictObject({ kind: z.literal('mongodb'), uri: secret, database: z.string().min(1).default('medley') }),
]);

/** A blob that was read as a whole and found to be what its digest says is believed for this long, unless it changes. */
const verifyAgainAfter = duration.default(86_400_000);

const filesystemStorage = z.strictObject({
  kind: z.literal('filesystem'),
  verify_again_after: verifyAgainAfter,
  /** Whether the gateway mounts the blob folder at the same path, and may read blobs there itself. */
  shared: z.boolean().default(true),
  /** What stays free of the disk, and twice as much before copies and thumbnails are kept; 0: all may be used. */
  min_free: size.default(512 * 2 ** 20),
});
const s3Storage = z.strictObject({
  kind: z.literal('s3'),
  endpoint: z.url({ protocol: /^https?$/ }),
  bucket,
  prefix: prefix.default(''),
  region: z.string().default('us-east-1'),
  access_key: secret,
  secret_key: secret,
  /** Where clients and other servers reach the same bucket; only redirects need it. */
  public_endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** What one part of a multipart upload holds, and so what one large upload keeps in memory. */
  part_bytes: size.default(8 * 2 ** 20),
  /** What all uploads together may hold in the storage service's memory on their way to S3; further ones wait. */
  upload_memory: size.default(256 * 2 ** 20),
  verify_again_after: verifyAgainAfter,
});

/** Where the gRPC services are found in a cluster, if nothing else is said. */
export const CLUSTER_ADDRESSES = {
  metadata: 'dns:///metadata:50051',
  storage: 'dns:///storage:50051',
  thumbnail: 'dns:///thumbnail:50051',
  url_preview: 'dns:///url-preview:50051',
  federation_fetch: 'dns:///federation-fetch:50051',
} as const;

const grpc = z.strictObject({
  /** Where this service listens for gRPC. */
  listen: z.string().default('127.0.0.1:50051'),
  metadata: z.string().default(CLUSTER_ADDRESSES.metadata),
  storage: z.string().default(CLUSTER_ADDRESSES.storage),
  thumbnail: z.string().default(CLUSTER_ADDRESSES.thumbnail),
  url_preview: z.string().default(CLUSTER_ADDRESSES.url_preview),
  federation_fetch: z.string().default(CLUSTER_ADDRESSES.federation_fetch),
  token: secret.optional(),
  tls: tls.optional(),
});

interface Redirects {
  readonly storage: { readonly kind: string; readonly public_endpoint?: string | undefined };
  readonly downloads: { readonly redirect: boolean };
  readonly federation: { readonly redirect: boolean };
}

/** Who is sent elsewhere must be able to go there. */
function checkRedirects({ storage, downloads, federation: servers }: Redirects, context: z.RefinementCtx): void {
  if (storage.public_endpoint !== undefined) return;
  for (const [key, { redirect }] of Object.entries({ downloads, federation: servers })) {
    if (redirect) context.addIssue({ code: 'custom', path: [key, 'redirect'], message: 'needs storage.public_endpoint of an S3 storage' });
  }
}

/** The whole configuration. Every service reads it and takes its own part. */
export const schema = z.strictObject({
  listen: listen.prefault({}),
  data_dir: z.string().min(1).default('./data'),
  homeservers,
  global_admins: globalAdmins,
  metadata: metadata.default({ kind: 'sqlite' }),
  storage: z.discriminatedUnion('kind', [filesystemStorage, s3Storage]).prefault({ kind: 'filesystem' }),
  uploads: uploads.prefault({}),
  downloads: z.strictObject({
    max_remote_bytes: size.default(100 * 2 ** 20),
    max_wait: duration.default(60_000),
    /** Whether clients are sent to the object store itself for originals. */
    redirect: onOff,
    /** What is smaller is answered here all the same. */
    redirect_min_bytes: size.default(2 ** 20),
    /** How long a URL of the object store can be used; nobody can take it back before, not even a quarantine. */
    redirect_lifetime: duration.default(10_000).refine((ms) => ms >= 1000 && ms <= 3_600_000, 'must be 1s to 1h'),
    /** A download whose reader takes less than 1 KiB for each second of this time in such a time is cut. */
    stall_timeout: duration.default(30_000),
  }).prefault({}),
  media: z.strictObject({ freeze_unauthenticated: z.boolean().default(true) }).prefault({}),
  thumbnails: z.strictObject({
    max_source_bytes: size.default(50 * 2 ** 20),
    max_source_pixels: pixels.default(32_000_000),
    max_frames: z.number().int().positive().default(300),
    /** How often a decoder may go over one progressive JPEG; real ones need ten. */
    max_scans: z.number().int().positive().default(100),
    /** What one decode may hold, estimated before it begins; the process is killed some way beyond. */
    max_memory: size.default(320 * 2 ** 20),
    /** A decoder process that did so many jobs is replaced, whatever it may have leaked. */
    max_jobs: z.number().int().positive().default(500),
    /** Programs for video and sound (ffmpeg) and PDF (pdftoppm): used where they are found at start, or never. */
    tools: z.enum(['auto', 'off']).default('auto'),
    /** Thumbnails made at once; 0 means one per CPU. */
    slots: z.number().int().nonnegative().default(0),
    /** Requests that may wait for a slot before the next is told to come back later. */
    max_queued: z.number().int().nonnegative().default(64),
    timeout: duration.default(20_000),
    /** Whether the standard sizes are made right after an upload, while there is nothing better to do. */
    prepare: z.enum(['off', 'standard']).default('off'),
  }).prefault({}),
  cache: z.strictObject({
    /** Memory for the bodies of small media in each gateway. */
    max_bytes: size.default(64 * 2 ** 20),
    /** A larger body is never kept in memory. */
    max_body_bytes: size.default(128 * 2 ** 10),
    max_records: z.number().int().positive().default(100_000),
    /** How long a homeserver's yes to a token is believed. */
    token_lifetime: duration.default(30_000),
    /** How long tokens that were good are still taken while their homeserver can't be reached. */
    token_outage_lifetime: duration.default(600_000),
    /** How long a homeserver's “I don't know this token” is believed. */
    token_refusal_lifetime: duration.default(2000),
    /** How long a gateway that hears nothing from metadata still answers with what it holds. */
    max_stale: duration.default(60_000),
  }).prefault({}),
  url_previews: urlPreviews.prefault({}),
  federation: federation.prefault({}),
  rate_limits: rateLimits.prefault({}),
  retention: retention.prefault({}),
  webhooks: z.array(webhook).default([]),
  quotas: quotas.prefault({}),
  policies,
  content_scanner: contentScanner.optional(),
  clamav: clamav.prefault({}),
  grpc: grpc.prefault({}),
  /** The storage service's own port for bulk bytes. */
  data_port: z.strictObject({
    listen: z.string().default('127.0.0.1:8081'),
    /** How others reach it, as http://host:port, or with grpc.tls https; by default the listening address. */
    advertise: serviceUrl.optional(),
  }).prefault({}),
  /** Health and metrics of each service. */
  metrics: z.strictObject({ host: z.string().default('127.0.0.1'), port: port.default(9090) }).prefault({}),
  maintenance: z.strictObject({
    /** How often one process that runs everything expires and sweeps; 0: never. */
    sweep_interval: duration.default(3_600_000),
    /** How often it scrubs; 0: never. */
    scrub_interval: duration.default(604_800_000),
    /** Bytes that no record names are left alone for this long after they were last put. */
    orphan_grace: duration.default(86_400_000),
    /** How long between condemning bytes and removing them. */
    removal_wait: duration.default(3_600_000),
    /** After this long a removal that was not finished is taken up again. */
    removal_retry: duration.default(1_200_000),
    /** What was derived from originals (thumbnails) is removed this long after it was made, and made anew when it is asked for; 0: never. */
    derived_lifetime: duration.default(0),
    /** Reserved media ids are removed this long after they lapsed. */
    pending_grace: duration.default(86_400_000),
    /** What an unfinished upload left behind is removed this long after it began. */
    staging_grace: duration.default(86_400_000),
  }).prefault({}),
  shutdown: z.strictObject({
    /** How long requests are still taken after SIGTERM, while /readyz already says that the process goes away. */
    delay: duration.default(0),
    /** How long running requests may finish after SIGTERM. */
    grace: duration.default(30_000),
  }).prefault({}),
  telemetry: telemetry.prefault({}),
}).superRefine(checkRedirects).superRefine(checkGlobalAdmins).superRefine(checkPolicies).superRefine(checkOwnStores);

export type MedleyConfig = z.output<typeof schema>;
export type { HomeserverConfig } from './homeserver.ts';
export type StorageConfig = MedleyConfig['storage'];
export type GrpcConfig = MedleyConfig['grpc'];
