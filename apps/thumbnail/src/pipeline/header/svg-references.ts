import { cannotThumbnail } from '../cannot-thumbnail.ts';

/** Whatever points somewhere, once escapes are resolved: what stands behind it says where. */
const POINTER = /(?:href\s{0,20}=\s{0,20}["']?|url\s{0,20}\(\s{0,20}["']?)\s{0,20}/gi;
const INSIDE = /#|["')]|data:image\/(?:png|jpe?g|gif|webp);base64,/iy;
const FORBIDDEN = /@import|xml:base/i;
const EMBEDDED = /data:image\/[a-z]{1,10};base64,([A-Za-z0-9+/=\s]*)/gi;
const XML_ESCAPE = /&#x([0-9a-f]{1,6});|&#([0-9]{1,7});/gi;
const CSS_ESCAPE = /\\(?:([0-9a-f]{1,6})\s?|(.))/gi;
const MAX_EMBEDDED = 50;

/**
 * Refuses every reference but to a part of the same file, and to pictures that are embedded in it. Escapes of XML and
 * CSS are resolved first, since they could hide one. Throws CANNOT_THUMBNAIL. It may refuse text that only looks like one.
 */
export function checkSvgReferences(text: string): void {
  const plain = unescapeSvg(text);
  if (FORBIDDEN.test(plain)) throw cannotThumbnail('SVG with a part elsewhere');
  for (const { index, 0: pointer } of plain.matchAll(POINTER)) {
    INSIDE.lastIndex = index + pointer.length;
    if (!INSIDE.test(plain)) throw cannotThumbnail('SVG that refers to something elsewhere');
  }
}

/** The bytes of the pictures that are embedded. Throws CANNOT_THUMBNAIL where there are too many. */
export function readEmbeddedImages(text: string): readonly Buffer[] {
  const found = Array.from(unescapeSvg(text).matchAll(EMBEDDED), ([, base64 = '']) => Buffer.from(base64, 'base64'));
  if (found.length > MAX_EMBEDDED) throw cannotThumbnail('SVG with too many pictures');
  return found;
}

/** Resolves the escapes that can stand for any letter: first those of XML, then those of CSS. */
export function unescapeSvg(text: string): string {
  if (!text.includes('&#') && !text.includes('\\')) return text;
  const plain = text.replace(XML_ESCAPE, (whole, hex?: string, decimal?: string) => toLetter(hex, decimal) ?? whole);
  return plain.replace(CSS_ESCAPE, (_, hex?: string, letter?: string) => toLetter(hex, undefined) ?? letter ?? '');
}

function toLetter(hex: string | undefined, decimal: string | undefined): string | undefined {
  const code = Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : undefined;
}
