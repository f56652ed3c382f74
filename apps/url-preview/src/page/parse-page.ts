import { SAXParser } from 'parse5-sax-parser';
import { decodePage } from './encoding.ts';
import { FactCollector } from './fact-collector.ts';
import type { PageFacts } from './page-facts.ts';

/** Between two looks at the clock. Elements of SVG and MathML cost more the deeper they lie: it must be few. */
const PIECE_CHARS = 4096;
const TIME_LIMIT_MS = 500;

/**
 * Reads what a page says of itself, without building a tree. Ends after half a second with what it has found until then;
 * blocks meanwhile, so it belongs into a thread of its own.
 */
export function parsePage(bytes: Uint8Array, contentType: string, timeLimitMs: number = TIME_LIMIT_MS): PageFacts {
  const { text, encoding, by } = decodePage(bytes, contentType);
  const facts = new FactCollector();
  const parser = new SAXParser();
  parser.on('startTag', (tag) => facts.startTag(tag));
  parser.on('endTag', ({ tagName }) => facts.endTag(tagName));
  parser.on('text', ({ text: chars }) => facts.addText(chars));
  parser.resume(); // it passes on what it gets, which nobody wants
  const endsAt = performance.now() + timeLimitMs;
  let at = 0;
  for (; at < text.length && performance.now() < endsAt; at += PIECE_CHARS) parser.write(text.slice(at, at + PIECE_CHARS));
  parser.end();
  return { ...facts.finish(), encoding, encodingBy: by, isCut: at < text.length };
}
