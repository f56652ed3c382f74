/** The server name of a Matrix user id, or `undefined` where it is not one. */
export function serverOfUser(userId: string): string | undefined {
  const colon = userId.indexOf(':');
  return userId.startsWith('@') && colon > 0 ? userId.slice(colon + 1) : undefined;
}
