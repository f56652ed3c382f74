/** What may be told to another origin than the one that the caller chose: nothing that says who asks. */
const FOR_EVERYBODY: ReadonlySet<string> = new Set(['accept', 'accept-language', 'user-agent']);

/** What is ours to say, or would change what a request means. */
const NOT_FOR_CALLERS: ReadonlySet<string> = new Set([
  'accept-encoding', 'connection', 'content-length', 'cookie', 'expect', 'host', 'keep-alive', 'proxy-authorization', 'te', 'trailer',
  'transfer-encoding', 'upgrade',
]);

/** The codings that `decodeBody` can read. */
const ACCEPT_ENCODING = 'gzip, deflate, br, zstd';

/** The headers of a request, of which only harmless ones go to an origin that the caller did not choose. Throws a TypeError on a header that callers may not set. */
export function requestHeaders(given: Readonly<Record<string, string>>, userAgent: string, isSameOrigin: boolean): Record<string, string> {
  const headers = new Map([['user-agent', userAgent], ['accept', '*/*']]);
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase();
    if (NOT_FOR_CALLERS.has(key)) throw new TypeError(`The header ${key} is not the caller’s to set`);
    if (isSameOrigin || FOR_EVERYBODY.has(key)) headers.set(key, value);
  }
  return Object.fromEntries([...headers, ['accept-encoding', ACCEPT_ENCODING]]);
}
