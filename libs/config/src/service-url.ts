import { z } from 'zod';

/** `http://` or `https://`, an address with colons of its own, and a port. */
const BARE_IPV6 = /^(https?):\/\/([0-9a-f]*(?::[0-9a-f]*){2,}):([0-9]{1,5})$/i;

/**
 * `http://host:port`, or with `https`, of one of our own processes. An IPv6 address may come without its brackets: an orchestrator that
 * fills in the address of a pod does not say which kind that will be. Comes out as a URL with them.
 */
export const serviceUrl = z.string().transform((text) => text.replace(BARE_IPV6, '$1://[$2]:$3')).pipe(z.url({ protocol: /^https?$/ }));
