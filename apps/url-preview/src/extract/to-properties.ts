import { cleanText, shorten } from './clean-text.ts';
import type { Finding } from './finding.ts';

export type PropertyValue = string | number;

const MAX_NAME_CHARS = 50;
const MAX_VALUE_CHARS = 1000;
const MAX_DESCRIPTION_CHARS = 500;
const MAX_PROPERTIES = 100;
const NAME = /^[a-z][a-z0-9_]*(:[a-z0-9_.-]+)+$/;
const IS_NUMBER = /:(width|height|duration)$/;
const IS_URL = /^og:(url|video|audio|see_also)$|:(secure_url|url)$/;
/** They speak of the page's own image; those of the stored one take their place. */
const OF_IMAGE = /^(og:image(:(?!alt$).*)?|matrix:.*)$/;

/** Why a pair is not in the answer. */
export type OnDropped = (name: string, why: string) => void;

/**
 * Puts findings together: of each name the first value that will do. Texts are cleaned and cut, sizes become integers,
 * URLs absolute; what fits nothing of that is dropped.
 */
export function toProperties(findings: readonly Finding[], baseUrl: string, onDropped: OnDropped): Map<string, PropertyValue> {
  const properties = new Map<string, PropertyValue>();
  for (const [name, text] of findings.flatMap((finding) => finding.properties)) {
    if (properties.has(name) || OF_IMAGE.test(name)) continue;
    const value = toValue(name, text, baseUrl);
    if (typeof value === 'object') onDropped(name.slice(0, MAX_NAME_CHARS), value.why);
    else if (properties.size >= MAX_PROPERTIES) onDropped(name, 'one too many');
    else properties.set(name, value);
  }
  return properties;
}

function toValue(name: string, text: string, baseUrl: string): PropertyValue | { readonly why: string } {
  if (name.length > MAX_NAME_CHARS || !NAME.test(name)) return { why: 'not a name of a property' };
  if (IS_NUMBER.test(name)) return /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : { why: 'not a whole number' };
  if (IS_URL.test(name)) return toWebUrl(text, baseUrl) ?? { why: 'not a URL' };
  const clean = cleanText(text);
  if (clean === '') return { why: 'empty' };
  return shorten(clean, name === 'og:description' ? MAX_DESCRIPTION_CHARS : MAX_VALUE_CHARS);
}

/** An absolute http or https URL of at most 1000 characters, or `undefined`. */
export function toWebUrl(text: string, baseUrl: string): string | undefined {
  const url = URL.parse(text.trim(), baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  return url.href.length <= MAX_VALUE_CHARS ? url.href : undefined;
}
