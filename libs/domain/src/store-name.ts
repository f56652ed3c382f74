import { MediaError } from './media-error.ts';
import { isServerName } from './server-name.ts';

/** Which store a blob lies in: the server name of a tenant that has its own, or COMMON_STORE. */
export type StoreName = string & { readonly __brand: 'StoreName' };

/** The store of all tenants that have none of their own, of copies of other servers' media, and of the images of URL previews. */
export const COMMON_STORE = '' as StoreName;

/** Reads the name of a store. Throws INVALID_PARAM. */
export function parseStoreName(text: string): StoreName {
  if (text !== COMMON_STORE && !isServerName(text)) throw new MediaError('INVALID_PARAM', 'Not the name of a store');
  return text as StoreName;
}
