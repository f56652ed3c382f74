/** The types that may be shown in place, as the specification lists them (v1.12, “Serving inline content”). */
export const INLINE_TYPES = [
  'text/css', 'text/plain', 'text/csv', 'application/json', 'application/ld+json',
  'image/jpeg', 'image/gif', 'image/png', 'image/apng', 'image/webp', 'image/avif',
  'video/mp4', 'video/webm', 'video/ogg', 'video/quicktime',
  'audio/mp4', 'audio/webm', 'audio/aac', 'audio/mpeg', 'audio/ogg', 'audio/wave', 'audio/wav',
  'audio/x-wav', 'audio/x-pn-wav', 'audio/flac', 'audio/x-flac',
] as const;

/** Types that could run scripts or that nobody knows. */
export const NOT_INLINE_TYPES = [
  'image/svg+xml', 'text/html', 'text/javascript', 'application/javascript', 'application/xhtml+xml', 'text/xml',
  'application/pdf', 'application/octet-stream', 'img/png', 'image/png+xml', 'text/plain/html', 'x',
] as const;
