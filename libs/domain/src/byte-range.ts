/** Part of a blob: `length` bytes from `offset` on. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: RangeAnswer = { kind: 'whole' };
const UNSATISFIABLE: RangeAnswer = { kind: 'unsatisfiable' };
const ONE_RANGE = /^bytes=[\t ]*([0-9]*)-([0-9]*)[\t ]*$/i;

/**
 * Says what part of `sizeBytes` bytes a `Range` header asks for (RFC 9110 §14). More than one range, another
 * unit or a malformed header is answered with the whole, as the RFC allows.
 */
export function resolveRange(header: string | undefined, sizeBytes: number): RangeAnswer {
  const [, first = '', last = ''] = ONE_RANGE.exec(header ?? '') ?? [];
  if (first === '' && last === '') return WHOLE;
  if (first === '') return suffix(Number(last), sizeBytes);
  const offset = Number(first);
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last);
  if (end < offset) return WHOLE;
  if (offset >= sizeBytes) return UNSATISFIABLE;
  return { kind: 'part', range: { offset, length: Math.min(end, sizeBytes - 1) - offset + 1 } };
}

function suffix(wanted: number, sizeBytes: number): RangeAnswer {
  if (wanted === 0 || sizeBytes === 0) return UNSATISFIABLE;
  const length = Math.min(wanted, sizeBytes);
  return { kind: 'part', range: { offset: sizeBytes - length, length } };
}
