/** How long an answer's headers allow it to be kept, in milliseconds; `undefined` if they say nothing. */
export function readFreshness(header: (name: string) => string | undefined): number | undefined {
  const directives = (header('cache-control') ?? '').toLowerCase();
  if (/\b(no-store|no-cache)\b/.test(directives)) return 0;
  const [, seconds] = /\bs-maxage\s*=\s*"?(\d{1,10})/.exec(directives) ?? /\bmax-age\s*=\s*"?(\d{1,10})/.exec(directives) ?? [];
  if (seconds !== undefined) return Math.max(0, Number(seconds) - toSeconds(header('age'))) * 1000;
  const expires = Date.parse(header('expires') ?? '');
  if (Number.isNaN(expires)) return undefined;
  const date = Date.parse(header('date') ?? '');
  return Math.max(0, expires - (Number.isNaN(date) ? Date.now() : date));
}

function toSeconds(text: string | undefined): number {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : 0;
}
