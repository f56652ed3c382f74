import type { IncomingMessage } from 'node:http';

/** Every value of a header as it stood on the wire; Node joins or drops repeated ones. */
export function headerValues(request: IncomingMessage, name: string): string[] {
  const { rawHeaders } = request;
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}
