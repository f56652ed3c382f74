import { cannotThumbnail } from '../cannot-thumbnail.ts';
import { unescapeSvg } from './svg-references.ts';

const NAME = /[^\s/>"'=<]{1,200}/y;
const ATTRIBUTE = /\s*([^\s/>"'=<]{1,200})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const END = /\s*(\/?)>/y;
const REFERENCE = /url\(\s*["']?\s*#([^"')\s]*)/gi;

/** A tag that opens an element: names without their prefixes, ids without their `#`. */
export interface SvgTag {
  readonly name: string;
  readonly id: string | undefined;
  /** Everything in the same file that it points to. */
  readonly references: readonly string[];
  readonly isEmpty: boolean;
  /** Where it ends in the text. */
  readonly end: number;
}

/** Reads the tag that begins at `at`. Throws CANNOT_THUMBNAIL where it is not well-formed. */
export function readTag(text: string, at: number): SvgTag {
  const name = matchAt(NAME, text, at + 1)?.[0];
  if (name === undefined) throw cannotThumbnail('SVG with a tag that has no name');
  const references: string[] = [];
  let id: string | undefined;
  let end = at + 1 + name.length;
  for (let found = matchAt(ATTRIBUTE, text, end); found !== null; found = matchAt(ATTRIBUTE, text, end)) {
    end += found[0].length;
    const attribute = toLocalName(found[1] ?? '');
    const value = unescapeSvg(found[2] ?? found[3] ?? '');
    if (attribute === 'id') id = value;
    else if (attribute === 'href') references.push(value.trim().replace(/^#/, ''));
    else for (const [, target = ''] of value.matchAll(REFERENCE)) references.push(target);
  }
  const ending = matchAt(END, text, end);
  if (ending === null) throw cannotThumbnail('SVG with a tag that does not end');
  return { name: toLocalName(name), id, references, isEmpty: ending[1] === '/', end: end + ending[0].length };
}

function toLocalName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
