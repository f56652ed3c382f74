import type { SafeResponse } from '@medley/safe-fetch/safe-fetch';
import { describeFile } from './extract/direct-file.ts';
import type { Finding } from './extract/finding.ts';
import { discoverOEmbed, oEmbedEndpoint, readOEmbed, type OEmbedAnswer } from './extract/oembed.ts';
import type { OEmbedProvider } from './extract/oembed-providers.ts';
import { readHtml } from './extract/html-fallback.ts';
import { readJsonLd } from './extract/json-ld.ts';
import { readOpenGraph } from './extract/open-graph.ts';
import { readTwitterCard } from './extract/twitter-card.ts';
import { readFreshness } from './freshness.ts';
import { checkImage, readImageBody, type FoundImage } from './image.ts';
import type { PageFacts } from './page/page-facts.ts';
import type { ParserPool } from './page/parser-pool.ts';
import { readUpTo } from './read-up-to.ts';
import { fetchFailed, type Visit } from './visit.ts';

/** What lies at a URL, before it is put into an answer. */
export interface Found {
  /** The more trusted first. */
  readonly findings: readonly Finding[];
  /** What relative URLs are relative to. */
  readonly baseUrl: string;
  /** Present where the URL is of an image: reads it. */
  readonly readImage?: () => Promise<FoundImage | undefined>;
  readonly page?: PageFacts;
  readonly freshMs: number | undefined;
}

const HTML_TYPES = ['text/html', 'application/xhtml+xml', 'application/xml', 'text/xml'];
const FILE_TYPES = /^(image\/.+|video\/.+|audio\/.+|application\/pdf|application\/ogg)$/;
const ACCEPT_PAGE = 'text/html,application/xhtml+xml;q=0.9,image/*;q=0.8,*/*;q=0.5';
const MAX_OEMBED_BYTES = 64 * 1024;

/** Asks a known oEmbed provider, else fetches the page or file itself. Fails with FETCH_FAILED; rejects when the visit's signal aborts. */
export async function lookUp(visit: Visit, parsers: ParserPool, providers: readonly OEmbedProvider[]): Promise<Found> {
  const { url } = visit.request;
  const endpoint = oEmbedEndpoint(url, providers);
  const known = endpoint === undefined ? undefined : await askOEmbed(visit, endpoint, url);
  if (known !== undefined) return { findings: [known.finding], baseUrl: url, freshMs: known.freshMs };
  const response = await visit.get(url, { acceptHeader: ACCEPT_PAGE, accept: isPreviewable, maxBytes: visit.config.max_image_bytes + 1 });
  const contentType = typeOf(response.header('content-type'));
  visit.trace.add('type', contentType || 'not said');
  return FILE_TYPES.test(contentType) ? readFile(visit, response, contentType) : readPage(visit, parsers, response);
}

function isPreviewable(header: string | undefined): boolean {
  const type = typeOf(header);
  return type === '' || HTML_TYPES.includes(type) || FILE_TYPES.test(type);
}

function typeOf(header = ''): string {
  return (header.split(';')[0] ?? '').trim().toLowerCase();
}

function readFile(visit: Visit, response: SafeResponse, contentType: string): Found {
  const finding = describeFile({ url: response.url, contentType, disposition: response.header('content-disposition') });
  const base = { findings: [finding], baseUrl: response.url, freshMs: readFreshness(response.header) };
  if (contentType.startsWith('image/')) return { ...base, readImage: () => readImage(visit, response) };
  response.body.destroy();
  return base;
}

async function readImage(visit: Visit, { body }: SafeResponse): Promise<FoundImage | undefined> {
  try {
    return checkImage(await readImageBody(visit, body), visit.maxImagePixels);
  } catch (error) {
    return visit.drop('the image', error);
  }
}

async function readPage(visit: Visit, parsers: ParserPool, response: SafeResponse): Promise<Found> {
  const bytes = await readUpTo(response.body, visit.config.max_page_bytes);
  const contentType = response.header('content-type') ?? '';
  const freshMs = readFreshness(response.header);
  if (contentType === '' && !looksLikeHtml(bytes)) return { findings: [], baseUrl: response.url, freshMs };
  const page = await parsers.parse(bytes, contentType, visit.signal);
  tellPage(visit, page, bytes.byteLength);
  const baseUrl = toBaseUrl(page.base, response.url);
  const own = [readOpenGraph(page), readTwitterCard(page), readJsonLd(page)];
  const embedded = isEnough(own) ? undefined : await askDiscovered(visit, page, baseUrl, response.url);
  const findings = [...own, ...(embedded === undefined ? [] : [embedded.finding]), readHtml(page)];
  for (const { source, properties, images } of findings) {
    visit.trace.add('found', `${source}: ${[...properties.map(([name]) => name), `${images.length} images`].join(', ')}`);
  }
  return { findings, baseUrl, page, freshMs };
}

/** Whether asking anybody else could add nothing that is seen at once. */
function isEnough(findings: readonly Finding[]): boolean {
  const hasTitle = findings.some(({ properties }) => properties.some(([name]) => name === 'og:title'));
  return hasTitle && findings.some(({ images }) => images.length > 0);
}

async function askDiscovered(visit: Visit, page: PageFacts, baseUrl: string, pageUrl: string): Promise<OEmbedAnswer | undefined> {
  const href = visit.config.oembed ? discoverOEmbed(page) : undefined;
  const endpoint = href === undefined ? undefined : URL.parse(href, baseUrl)?.href;
  return endpoint === undefined ? undefined : askOEmbed(visit, endpoint, pageUrl);
}

/** An oEmbed answer is a help, not a need: any failure is none. */
async function askOEmbed(visit: Visit, endpoint: string, pageUrl: string): Promise<OEmbedAnswer | undefined> {
  try {
    const accept = (type = ''): boolean => /^(application|text)\/(json|[a-z.-]+\+json|javascript|plain)/i.test(type);
    const { body } = await visit.get(endpoint, { acceptHeader: 'application/json', accept, maxBytes: MAX_OEMBED_BYTES + 1 });
    const bytes = await readUpTo(body, MAX_OEMBED_BYTES + 1);
    const answer = bytes.byteLength > MAX_OEMBED_BYTES ? undefined : readOEmbed(bytes.toString('utf8'), pageUrl);
    if (answer === undefined) throw fetchFailed('no oEmbed answer');
    visit.trace.add('oembed', `${endpoint}: ${answer.finding.properties.map(([name]) => name).join(', ')}`);
    return answer;
  } catch (error) {
    return visit.drop(`oEmbed ${endpoint}`, error);
  }
}

function tellPage({ trace }: Visit, page: PageFacts, sizeBytes: number): void {
  trace.add('encoding', `${page.encoding}, by ${page.encodingBy}`);
  trace.add('parse', `${sizeBytes} bytes, ${page.metas.length} meta elements, ${page.jsonLd.length} JSON-LD${page.isCut ? ', cut: it took too long' : ''}`);
}

/** A base element counts only if it leads to the web. */
function toBaseUrl(base: string | undefined, pageUrl: string): string {
  const url = base === undefined ? null : URL.parse(base, pageUrl);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : pageUrl;
}

function looksLikeHtml(bytes: Buffer): boolean {
  return /^[\s\ufeff]*<(!doctype html|html|head|\?xml|!--)/i.test(bytes.toString('utf8', 0, 512));
}
