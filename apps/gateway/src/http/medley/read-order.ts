import { MediaError } from '@medley/domain/media-error';
import type { Gateway } from '../../gateway.ts';
import type { Exchange } from '../exchange.ts';
import { readJsonObject, type JsonObject } from '../parse/json-body.ts';

const MAX_BYTES = 16 * 1024;

/** Reads the JSON body of an order. Throws INVALID_PARAM for members that nobody knows: who says more than is understood means something else. */
export async function readOrder({ context }: Exchange, { config }: Gateway, names: readonly string[]): Promise<JsonObject> {
  const order = await readJsonObject(context, { maxBytes: MAX_BYTES, stallMs: config.uploads.stall_timeout });
  const unknown = Object.keys(order).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new MediaError('INVALID_PARAM', `Unknown member: ${unknown}`);
  return order;
}
