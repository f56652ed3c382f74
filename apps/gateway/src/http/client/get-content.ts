import { toDisposition } from '@medley/domain/disposition';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { cleanUploadName } from '@medley/domain/upload-name';
import type { Gateway } from '../../gateway.ts';
import { findMedia, seekMedia, type FoundMedia, type Lookup } from '../../usecases/find-media.ts';
import { findPublicUrl, type LocatedBlob } from '../../usecases/find-public-url.ts';
import { blobOf, openBlob } from '../../usecases/open-blob.ts';
import { untilRecorded, type Arriving } from '../../usecases/remote/find-remote.ts';
import { openArriving } from '../../usecases/remote/read-arriving.ts';
import type { AuthenticatedExchange, Exchange } from '../exchange.ts';
import { parseBypass } from '../parse/bypass.ts';
import { fetchForStranger, fetchForUser } from '../parse/fetch-for.ts';
import { requirePart } from '../parse/path.ts';
import { parseTimeoutMs } from '../parse/query.ts';
import { canAnswerEarly, sendArriving } from '../respond/arriving-response.ts';
import { healing } from '../respond/healing.ts';
import { PRIVATE_FOREVER, sendMedia } from '../respond/media-response.ts';
import { sendRedirect } from '../respond/redirect.ts';

/** `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}[/{fileName}]` */
export async function getContent(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const fetchFor = fetchForUser(exchange, gateway.config.downloads.max_remote_bytes);
  await answerContent(exchange, gateway, { isAuthenticated: true, bypassesQuarantine: await parseBypass(exchange, gateway), fetchFor });
}

/** The same at its deprecated place, without a token: `GET /_matrix/media/v3/download/…`. Frozen media is not found here. */
export function getContentLegacy(exchange: Exchange, gateway: Gateway): Promise<void> {
  const fetchFor = fetchForStranger(exchange, gateway, gateway.config.downloads.max_remote_bytes);
  return answerContent(exchange, gateway, { isAuthenticated: false, bypassesQuarantine: false, fetchFor });
}

async function answerContent(exchange: Exchange, gateway: Gateway, rights: Omit<Lookup, 'uri' | 'waitMs'>): Promise<void> {
  const { params, query, signal } = exchange;
  const uri = parseMxcParts(requirePart(params, 'serverName'), requirePart(params, 'mediaId'));
  const lookup = { ...rights, uri, waitMs: parseTimeoutMs(query, gateway.config.downloads.max_wait) };
  await healing(exchange, gateway, lookup, async () => {
    const sought = await seekMedia(gateway, lookup, signal);
    if (!('fill' in sought)) return answerFound(exchange, gateway, lookup, sought);
    if (await answerArriving(exchange, gateway, lookup, sought)) return undefined;
    return answerFound(exchange, gateway, lookup, await untilRecorded(sought.fill, lookup, signal));
  });
}

async function answerFound(exchange: Exchange, gateway: Gateway, lookup: Lookup, { media: { content }, sighting }: FoundMedia): Promise<void> {
  const { signal } = exchange;
  const blob = blobOf(content);
  const answer = {
    ...describe(exchange, lookup, content),
    sizeBytes: content.sizeBytes,
    version: content.digest,
    sighting,
    findAgain: () => findMedia(gateway, lookup, signal),
  };
  const url = await findRedirect(exchange, gateway, lookup, { blob, ...answer });
  if (url !== undefined) return sendRedirect(exchange, answer, url, gateway);
  return sendMedia(exchange, { ...answer, open: (range) => openBlob(gateway, blob, range, signal) }, gateway);
}

/**
 * Where a client may be sent for the bytes, if anywhere: at the deprecated place only one that says so (Matrix 1.7,
 * `allow_redirect`); never an admin who looks at what is quarantined.
 */
function findRedirect({ context, query, signal }: Exchange, gateway: Gateway, lookup: Lookup, blob: LocatedBlob): Promise<string | undefined> {
  const mayRedirect = lookup.isAuthenticated ? lookup.bypassesQuarantine !== true : query.get('allow_redirect') === 'true';
  return findPublicUrl(gateway, blob, gateway.config.downloads.redirect && mayRedirect && context.method === 'GET', signal);
}

/** Answers while it arrives, if that can be. A small file is shown only when all of it is here and may be seen. */
async function answerArriving(exchange: Exchange, gateway: Gateway, lookup: Lookup, arriving: Arriving): Promise<boolean> {
  const { header: { sizeBytes, contentType, uploadName }, fill } = arriving;
  const isSmall = sizeBytes !== undefined && sizeBytes <= gateway.config.federation.hold_bytes;
  if (isSmall || gateway.scanning.holdsRemote(sizeBytes) || !canAnswerEarly(exchange)) return false;
  const answer = {
    ...describe(exchange, lookup, { contentType, uploadName: cleanUploadName(uploadName) }),
    sizeBytes,
    hasArrived: () => fill.isRecorded,
  };
  return sendArriving(exchange, { ...answer, open: (range) => openArriving(gateway, lookup, { ...arriving, range }, exchange.signal) }, gateway);
}

interface Described {
  readonly contentType: string;
  readonly uploadName?: string | undefined;
}

function describe({ params }: Exchange, { bypassesQuarantine = false }: Lookup, { contentType, uploadName }: Described) {
  return {
    contentType,
    disposition: toDisposition(contentType, cleanUploadName(params['fileName']) ?? uploadName),
    cacheControl: bypassesQuarantine ? 'no-store' : PRIVATE_FOREVER,
  };
}
