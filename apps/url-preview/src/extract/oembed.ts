import { matchesGlob } from '@medley/domain/matches-glob';
import type { PageFacts } from '../page/page-facts.ts';
import type { Finding } from './finding.ts';
import type { OEmbedProvider } from './oembed-providers.ts';
import { isObject, parseJson, textOf, type JsonObject } from './parse-json.ts';

const TYPES: Readonly<Record<string, string>> = { video: 'video.other', photo: 'website', rich: 'website', link: 'website' };
const MAX_AGE_S = 10 * 365 * 86_400;

/** An oEmbed answer, read. */
export interface OEmbedAnswer {
  readonly finding: Finding;
  /** How long it may be kept, if it says so. */
  readonly freshMs: number | undefined;
}

/** Where to ask about a page of a known provider, or `undefined`. */
export function oEmbedEndpoint(pageUrl: string, providers: readonly OEmbedProvider[]): string | undefined {
  const page = URL.parse(pageUrl);
  if (page === null) return undefined;
  const provider = providers.find(({ schemes }) => schemes.some((scheme) => fitsScheme(scheme, page)));
  if (provider === undefined) return undefined;
  const endpoint = new URL(provider.endpoint.replace('{format}', 'json'));
  endpoint.searchParams.set('url', page.href);
  endpoint.searchParams.set('format', 'json');
  return endpoint.href;
}

/** Where a page says that there is an oEmbed answer about it. */
export function discoverOEmbed({ links }: PageFacts): string | undefined {
  return links.find(({ rel, type }) => /\balternat(e|ive)\b/.test(rel) && type.startsWith('application/json+oembed'))?.href;
}

/** Reads an oEmbed answer about `pageUrl` in the words of Open Graph, or `undefined` for what is none. */
export function readOEmbed(text: string, pageUrl: string): OEmbedAnswer | undefined {
  const answer = parseJson(text);
  if (!isObject(answer) || !['undefined', '1', '1.0'].includes(String(answer['version']))) return undefined;
  const type = textOf(answer, 'type') ?? '';
  const pairs = [
    ['og:title', decodeEntities(textOf(answer, 'title') ?? textOf(answer, 'author_name') ?? '') || undefined],
    ['og:site_name', textOf(answer, 'provider_name')],
    ['og:type', Object.hasOwn(TYPES, type) ? TYPES[type] : undefined],
    ['og:url', pageUrl],
    ['og:description', textOf(answer, 'description') ?? (type === 'rich' ? textOfHtml(answer) : undefined)],
    ['article:author', textOf(answer, 'title') === undefined ? undefined : textOf(answer, 'author_name')],
    ...(type === 'video' ? videoOf(answer) : []),
  ] as const;
  const photo = type === 'photo' ? textOf(answer, 'url') : undefined;
  return {
    finding: {
      source: 'oEmbed',
      properties: pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
      images: [photo, textOf(answer, 'thumbnail_url')].filter((url) => url !== undefined),
    },
    freshMs: toFreshMs(answer['cache_age']),
  };
}

/** A host may stand for any below it, but never for another: the parts are compared apart. */
function fitsScheme(scheme: string, page: URL): boolean {
  const [, host = '', path = ''] = /^https?:\/\/([^/]+)(\/.*)$/.exec(scheme) ?? [];
  return matchesGlob(host, page.host) && matchesGlob(path, `${page.pathname}${page.search}`);
}

function videoOf(answer: JsonObject): [string, string | undefined][] {
  const player = /<iframe[^>]{0,500}?\ssrc\s{0,9}=\s{0,9}["']([^"'<>]{1,1000})["']/i.exec((textOf(answer, 'html') ?? '').slice(0, 10_000))?.[1];
  return [
    ['og:video', player?.replaceAll('&amp;', '&')],
    ['og:video:width', numberOf(answer, 'width')],
    ['og:video:height', numberOf(answer, 'height')],
  ];
}

/** What a program can read of an embedded piece of HTML. */
function textOfHtml(answer: JsonObject): string | undefined {
  const text = (textOf(answer, 'html') ?? '').slice(0, 20_000).replace(/<(script|style)\b[^<]{0,5000}<\/\1>/gi, ' ').replace(/<[^<>]{0,2000}>/g, ' ');
  return decodeEntities(text).trim() || undefined;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', mdash: '—', ndash: '–', hellip: '…' };

function decodeEntities(text: string): string {
  return text.replace(/&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,6});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
  });
}

function numberOf(answer: JsonObject, key: string): string | undefined {
  const value = answer[key];
  return typeof value === 'number' || typeof value === 'string' ? String(value) : undefined;
}

function toFreshMs(seconds: unknown): number | undefined {
  const age = Number(typeof seconds === 'string' || typeof seconds === 'number' ? seconds : Number.NaN);
  return Number.isFinite(age) && age >= 0 ? Math.min(age, MAX_AGE_S) * 1000 : undefined;
}
