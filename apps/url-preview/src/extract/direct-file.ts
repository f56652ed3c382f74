import type { Finding } from './finding.ts';

/** What is linked to directly and is no page. */
export interface DirectFile {
  readonly url: string;
  /** In lower case, without parameters. */
  readonly contentType: string;
  readonly disposition: string | undefined;
}

/** Describes a file by its name and type. */
export function describeFile({ url, contentType, disposition }: DirectFile): Finding {
  const [kind = ''] = contentType.split('/');
  const properties: [string, string][] = [];
  const name = fileName(url, disposition);
  if (name !== undefined) properties.push(['og:title', name]);
  if (kind === 'video' || kind === 'audio') {
    properties.push([`og:${kind}`, url], [`og:${kind}:type`, contentType]);
    properties.push(['og:type', kind === 'video' ? 'video.other' : 'music.song']);
  }
  if (contentType === 'application/pdf') properties.push(['og:description', 'PDF'], ['og:type', 'website']);
  return { source: 'file', properties, images: [] };
}

function fileName(url: string, disposition = ''): string | undefined {
  const [, star] = /filename\*\s*=\s*utf-8''([^;]{1,500})/i.exec(disposition) ?? [];
  const [, quoted, bare] = /filename\s*=\s*(?:"([^"]{1,500})"|([^;\s]{1,500}))/i.exec(disposition) ?? [];
  const last = new URL(url).pathname.split('/').at(-1);
  return decode(star) ?? quoted ?? bare ?? decode(last);
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded, so it is what it is
  }
}
