const OPAQUE_ID = /^[^\s\p{Cc}]{1,1024}$/u;

/**
 * Whether this can be the id of a room, an event or a user as events name them. Matrix allows 255 bytes and calls them
 * opaque; there are longer ones from its early days, but none with white space.
 */
export function isOpaqueId(text: string): boolean {
  return OPAQUE_ID.test(text);
}
