/** A value that has no canonical form. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError';
}

const MAX_DEPTH = 100;

/**
 * A value as canonical JSON (appendices, “Canonical JSON”): no spaces, members in the order of their code points, nothing
 * escaped that need not be. Throws CanonicalJsonError for what it cannot hold: numbers that are not integers within ±(2^53 − 1)
 * or are -0, text with lone surrogates, anything but plain objects, and what is deeper than 100.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new CanonicalJsonError(`It is deeper than ${MAX_DEPTH}`);
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'number') return writeNumber(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${Array.from(value, (item: unknown) => write(item, depth + 1)).join(',')}]`;
  if (!isPlainObject(value)) throw new CanonicalJsonError(`JSON knows no ${typeof value} like this`);
  const members = Object.entries(value).map(([name, item]) => [Buffer.from(name), `${writeText(name)}:${write(item, depth + 1)}`] as const);
  // UTF-8 sorts by code points, which UTF-16 does not
  members.sort(([left], [right]) => left.compare(right));
  return `{${members.map(([, text]) => text).join(',')}}`;
}

function writeText(text: string): string {
  if (!text.isWellFormed()) throw new CanonicalJsonError('A text holds a lone surrogate');
  return JSON.stringify(text);
}

function writeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new CanonicalJsonError(`${Object.is(value, -0) ? '-0' : value} is not an integer that JSON can hold everywhere`);
  return String(value);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
