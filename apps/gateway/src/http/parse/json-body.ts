import { MediaError } from '@medley/domain/media-error';
import type { Context } from 'koa';
import { openRequestBody, type BodyLimits } from './request-body.ts';

/** A JSON object, its members not looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a body that is one JSON object; none at all is an empty one. Throws NOT_JSON for what is no JSON in UTF-8, BAD_JSON for
 * JSON that is no object, TOO_LARGE, and what `openRequestBody` does.
 */
export async function readJsonObject(context: Context, limits: BodyLimits): Promise<JsonObject> {
  const chunks = await Array.fromAsync(openRequestBody(context.req, limits).bytes);
  if (chunks.length === 0) return {};
  const value = parseJson(Buffer.concat(chunks));
  if (!isObject(value)) throw new MediaError('BAD_JSON', 'Content must be a JSON object.');
  return value;
}

/** Whether a value out of JSON is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new MediaError('NOT_JSON', 'Content not JSON.', { cause: error });
  }
}
