import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { HeaderSize } from './header-bytes.ts';
import { scanSvg } from './scan-svg.ts';
import { checkSvgReferences, readEmbeddedImages } from './svg-references.ts';
import { svgCost } from './svg-cost.ts';

/** An SVG has no pixels; it is drawn so that its longer side has so many, which is the largest that is made. */
export const SVG_SIDE = 1600;
const MAX_BYTES = 4 * 2 ** 20;
const MAX_COST = 100_000;
/** The canvas, and the layers that groups, masks and filters ask for. */
const CANVAS_BYTES = SVG_SIDE * SVG_SIDE * 4 * 4;
const BYTES_PER_EMBEDDED_PIXEL = 8;
const DECLARED_UTF8 = /^\s*<\?xml[^>]*encoding\s*=\s*["'](?:utf-8|us-ascii|ascii)["']/i;
const DECLARED = /^\s*<\?xml[^>]*encoding\s*=/i;

/**
 * Reads an SVG through before anything draws it: plain XML without entities, references to itself alone, so many
 * elements, so deep, and so many to draw once all references are followed. `readImage` walks the header of a picture that
 * is embedded. Throws CANNOT_THUMBNAIL. The size is that of the square it will be drawn into.
 */
export function walkSvg(bytes: Uint8Array, readImage: (bytes: Buffer) => HeaderSize): HeaderSize {
  if (bytes.byteLength > MAX_BYTES) throw cannotThumbnail('SVG of too many bytes');
  const text = decode(bytes);
  const elements = scanSvg(text);
  checkSvgReferences(text);
  if (svgCost(elements) > MAX_COST) throw cannotThumbnail('SVG of too many elements to draw');
  const embedded = readEmbeddedImages(text).map(readImage);
  const pixels = embedded.reduce((sum, { width, height }) => sum + width * height, 0);
  return { width: SVG_SIDE, height: SVG_SIDE, frames: 1, scans: 1, memoryBytes: CANVAS_BYTES + pixels * BYTES_PER_EMBEDDED_PIXEL };
}

/** In another encoding the parser would read something else than we did. */
function decode(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0') && (!DECLARED.test(text) || DECLARED_UTF8.test(text))) return text;
  } catch (error) {
    throw cannotThumbnail(error);
  }
  throw cannotThumbnail('SVG in another encoding');
}
