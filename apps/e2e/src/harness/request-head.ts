import type { MediaUser } from './media-user.ts';

/** The head of a request with the user's token, to be sent over a raw connection. */
export function requestHead(user: MediaUser, requestLine: string, ...headers: readonly string[]): string {
  return [`${requestLine} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${user.account.token}`, ...headers, '', ''].join('\r\n');
}
