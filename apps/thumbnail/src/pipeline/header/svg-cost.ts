import { cannotThumbnail } from '../cannot-thumbnail.ts';
import type { SvgElement } from './scan-svg.ts';

const MAX_DEPTH = 500;
/** A step of a filter touches every pixel, and a picture is decoded each time. */
const WEIGHTS = { plain: 1, picture: 1000, filterStep: 500 } as const;

/**
 * How many elements are drawn once every reference is followed, counted without following any twice. A paint that a
 * group refers to is drawn again for each of its members. Throws CANNOT_THUMBNAIL where references go in a circle.
 */
export function svgCost(elements: readonly SvgElement[]): number {
  const children = elements.map((): number[] => []);
  const byId = new Map<string, number>();
  elements.forEach(({ parent, id }, index) => {
    if (parent !== undefined) children[parent]?.push(index);
    if (id !== undefined && !byId.has(id)) byId.set(id, index);
  });
  const known = new Map<number, number>();
  const under = new Set<number>();

  function costOf(index: number, depth: number): number {
    const found = known.get(index);
    if (found !== undefined) return found;
    if (under.has(index) || depth > MAX_DEPTH) throw cannotThumbnail('SVG that refers to itself');
    under.add(index);
    const own = (children[index] ?? []).reduce((sum, child) => sum + costOf(child, depth + 1), weigh(elements[index]?.name));
    const members = (children[index] ?? []).length === 0 ? 1 : own;
    const cost = (elements[index]?.references ?? []).reduce((sum, id) => {
      const target = byId.get(id);
      return target === undefined ? sum : sum + costOf(target, depth + 1) * members;
    }, own);
    under.delete(index);
    known.set(index, cost);
    return cost;
  }

  return elements.reduce((sum, { parent }, index) => (parent === undefined ? sum + costOf(index, 0) : sum), 0);
}

function weigh(name = ''): number {
  if (name === 'image' || name === 'feImage') return WEIGHTS.picture;
  return /^fe[A-Z]/.test(name) ? WEIGHTS.filterStep : WEIGHTS.plain;
}
