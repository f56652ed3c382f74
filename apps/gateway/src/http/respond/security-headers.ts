/** On every answer that carries media, and on the errors in its place (Matrix specification, “Content repository”). */
export const MEDIA_SECURITY_HEADERS = {
  'Content-Security-Policy':
    "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; object-src 'self';",
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex, nofollow, noarchive, noimageindex',
  'Referrer-Policy': 'no-referrer',
} as const;

/** On every answer at all, errors included (Matrix specification, “Web browser clients”). */
export const CORS_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': 'X-Requested-With, Content-Type, Authorization, Range, If-Range, If-None-Match',
  'Access-Control-Expose-Headers':
    'Content-Length, Content-Range, Accept-Ranges, Content-Disposition, Content-Type, ETag, Retry-After, X-Request-Id',
  'Access-Control-Max-Age': '86400',
} as const;
