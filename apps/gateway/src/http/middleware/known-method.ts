const KNOWN: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

/** A method as metrics and traces name it: Node's parser takes dozens, which strangers choose (OpenTelemetry's HTTP conventions). */
export function toKnownMethod(method: string): string {
  return KNOWN.has(method) ? method : '_OTHER';
}
