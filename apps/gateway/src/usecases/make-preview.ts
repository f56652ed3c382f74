import { MediaError } from '@medley/domain/media-error';
import { toMxcText } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import type { PreviewUrlResponse, StoredImage } from '@medley/proto/url-preview';
import { TimeLimit } from '@medley/streams/abort';
import type { Gateway } from '../gateway.ts';
import { requireRecord } from './require-record.ts';

/** A preview to be made, and for whom. */
export interface PreviewTask {
  readonly key: string;
  readonly url: string;
  readonly acceptLanguage: string;
  readonly wantsLogo: boolean;
  readonly origin: string;
  readonly userId: string;
}

type Pairs = Readonly<Record<string, string | number>>;

/** Metadata keeps one preview of a minute, so none may have gone before the next can be kept. */
const LEAST_LIFETIME_MS = 60_000;
/** Beyond what the url-preview service may take itself: for its queue, and for storing images. */
const CALL_MARGIN_MS = 15_000;

/**
 * Has a preview made, records its images, keeps it, and answers it as JSON. If another replica has kept one of the same
 * minute, that is the answer. Has no signal: several requests share one answer. Fails as PreviewUrl does.
 */
export async function makePreview(gateway: Gateway, task: PreviewTask): Promise<string> {
  const { previews: config } = gateway.config;
  const fetchedAtMs = Date.now();
  const answer = await fetchPreview(gateway, task, fetchedAtMs);
  const [image, logo] = await Promise.all([answer.image, answer.siteLogo].map((one) => one && recordImage(gateway, task, one, fetchedAtMs)));
  const body = JSON.stringify({ ...toPairs(answer), ...describeImage(answer.image, image), ...describeLogo(answer.siteLogo, logo) });
  const lifetimeMs = Math.min(Math.max(answer.freshMs ?? config.lifetime, LEAST_LIFETIME_MS), Math.max(config.max_lifetime, LEAST_LIFETIME_MS));
  const own = { body, failed: false, fetchedAtMs, expiresAtMs: fetchedAtMs + lifetimeMs };
  const kept = requireRecord((await gateway.services.metadata.putUrlPreview({ key: task.key, preview: own })).preview);
  return kept.failed ? body : kept.body;
}

async function fetchPreview({ services, config, log }: Gateway, { key, url, acceptLanguage, wantsLogo }: PreviewTask, fetchedAtMs: number): Promise<PreviewUrlResponse> {
  const { timeout, failure_lifetime: failureMs } = config.previews;
  try {
    const options = { timeoutMs: timeout + CALL_MARGIN_MS };
    // a call says by itself that it took too long; this is for all replicas together
    using limit = new TimeLimit(2 * options.timeoutMs);
    return await services.previewReplicas.use(url, (rpc) => rpc.previewUrl({ url, acceptLanguage, siteLogo: wantsLogo }, options), limit.signal);
  } catch (error) {
    if (!(error instanceof MediaError) || error.reason !== 'FETCH_FAILED') throw error;
    const body = JSON.stringify({ reason: error.reason, message: error.message });
    const failure = { body, failed: true, fetchedAtMs, expiresAtMs: fetchedAtMs + Math.max(failureMs, LEAST_LIFETIME_MS) };
    // Whoever asks next finds out by himself then.
    await services.metadata.putUrlPreview({ key, preview: failure }).catch((cause: unknown) => log.warn({ err: cause }, 'a failed preview could not be kept'));
    throw error;
  }
}

/** The mxc URI of an image, or `undefined` where its bytes are hidden from everyone. */
async function recordImage({ services, config, scanning }: Gateway, { origin, userId, url }: PreviewTask, image: StoredImage, fetchedAtMs: number): Promise<string | undefined> {
  const { digest, sizeBytes, contentType } = image;
  if (!(await scanning.isPreviewAllowed({ digest, sizeBytes, contentType, origin, userId, store: COMMON_STORE }))) return undefined;
  const answer = await services.metadata.recordUpload({
    origin,
    userId,
    content: { digest, sizeBytes, contentType, uploadName: undefined, frozen: config.freezeUnauthenticated, store: COMMON_STORE },
    // never before an answer that names it
    previewImage: { expiresAtMs: fetchedAtMs + Math.max(config.previews.image_lifetime, LEAST_LIFETIME_MS), url },
  });
  const { key, quarantine } = requireRecord(answer.record);
  return quarantine === undefined ? toMxcText(requireRecord(key)) : undefined;
}

function toPairs({ properties }: PreviewUrlResponse): Pairs {
  return Object.fromEntries(properties.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value.value]])));
}

function describeImage(image: StoredImage | undefined, uri: string | undefined): Pairs {
  if (image === undefined || uri === undefined) return {};
  const { contentType, width, height, sizeBytes } = image;
  return { 'og:image': uri, 'og:image:type': contentType, 'og:image:width': width, 'og:image:height': height, 'matrix:image:size': sizeBytes };
}

/** Under the names of MSC4448, those to come and those of now. */
function describeLogo(logo: StoredImage | undefined, uri: string | undefined): Pairs {
  if (logo === undefined || uri === undefined) return {};
  const { sizeBytes } = logo;
  return { 'matrix:site_logo': uri, 'matrix:site_logo:size': sizeBytes, 'msc4448:site_logo': uri, 'msc4448:site_logo:size': sizeBytes };
}
