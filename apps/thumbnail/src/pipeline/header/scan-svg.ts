import { cannotThumbnail } from '../cannot-thumbnail.ts';
import { readTag } from './svg-tag.ts';

const MAX_ELEMENTS = 50_000;
const MAX_DEPTH = 100;
/** Letters that are drawn, each as an outline of its own. */
const MAX_LETTERS = 20_000;
const TEXTS = ['text', 'tspan', 'textPath', 'a'];
/** The one that old programs write; with a subset of its own it could declare entities. */
const BARE_DOCTYPE = /<!DOCTYPE\s+svg[^<>[\]]{0,500}>/iy;
/** What loads something. */
const FORBIDDEN = ['include', 'script'];

/** One element: what it is called without its prefix, where it stands, and what it refers to. */
export interface SvgElement {
  readonly name: string;
  readonly parent: number | undefined;
  readonly id: string | undefined;
  readonly references: readonly string[];
}

interface Scan {
  readonly elements: SvgElement[];
  /** Positions of the elements that are open. */
  readonly open: number[];
  letters: number;
}

/** Lists the elements in their order, in one pass. Throws CANNOT_THUMBNAIL for what is no plain SVG. */
export function scanSvg(text: string): readonly SvgElement[] {
  const scan: Scan = { elements: [], open: [], letters: 0 };
  for (let at = text.indexOf('<'); at !== -1; ) {
    const end = step(text, at, scan);
    at = text.indexOf('<', end);
    countLetters(scan, at - end);
  }
  if (scan.elements[0]?.name !== 'svg' || scan.open.length > 0) throw cannotThumbnail('no whole SVG');
  return scan.elements;
}

/** Reads what begins at `at`; returns where it ends. */
function step(text: string, at: number, scan: Scan): number {
  if (text.startsWith('<!--', at)) return after(text, '-->', at + 4);
  if (text.startsWith('<![CDATA[', at)) return after(text, ']]>', at);
  if (text.startsWith('<?xml-stylesheet', at)) throw cannotThumbnail('SVG with a style sheet elsewhere');
  if (text.startsWith('<?', at)) return after(text, '?>', at);
  if (text.startsWith('<!', at)) return skipDoctype(text, at);
  if (text.startsWith('</', at)) {
    if (scan.open.pop() === undefined) throw cannotThumbnail('SVG that closes what is not open');
    return after(text, '>', at);
  }
  return readElement(text, at, scan);
}

function readElement(text: string, at: number, { elements, open }: Scan): number {
  const { name, id, references, isEmpty, end } = readTag(text, at);
  if (FORBIDDEN.includes(name)) throw cannotThumbnail(`SVG with ${name}`);
  elements.push({ name, parent: open.at(-1), id, references });
  if (!isEmpty) open.push(elements.length - 1);
  if (elements.length > MAX_ELEMENTS || open.length > MAX_DEPTH) throw cannotThumbnail('SVG of too many elements, or too deep');
  return end;
}

function countLetters(scan: Scan, letters: number): void {
  const { name = '' } = scan.elements[scan.open.at(-1) ?? -1] ?? {};
  if (TEXTS.includes(name)) scan.letters += letters;
  if (scan.letters > MAX_LETTERS) throw cannotThumbnail('SVG of too much text');
}

function skipDoctype(text: string, at: number): number {
  BARE_DOCTYPE.lastIndex = at;
  if (!BARE_DOCTYPE.test(text)) throw cannotThumbnail('SVG with declarations');
  return BARE_DOCTYPE.lastIndex;
}

function after(text: string, mark: string, at: number): number {
  const found = text.indexOf(mark, at);
  if (found === -1) throw cannotThumbnail(`SVG without ${mark}`);
  return found + mark.length;
}
