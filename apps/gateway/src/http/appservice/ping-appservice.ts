import type { Exchange } from '../exchange.ts';

/** `POST /_matrix/app/v1/ping`: the homeserver finds us, and shows the right token. Its body says nothing that is needed. */
export async function pingAppservice({ context }: Exchange): Promise<void> {
  context.body = {};
}
