import { parseContentType } from '@medley/domain/content-type';
import { MediaError } from '@medley/domain/media-error';
import { cleanUploadName } from '@medley/domain/upload-name';
import type { GatewayConfig } from '../../config.ts';
import type { Upload } from '../../usecases/upload-media.ts';
import type { Exchange } from '../exchange.ts';
import { headerValues } from './headers.ts';
import { parseText } from './query.ts';
import { openRequestBody } from './request-body.ts';

/** Reads what an uploader says of a body, and opens it; the body is opaque bytes, whatever its type. Throws INVALID_PARAM or TOO_LARGE. */
export function parseUpload({ context }: Exchange, uploads: GatewayConfig['uploads']): Upload {
  const types = headerValues(context.req, 'content-type');
  if (types.length > 1) throw new MediaError('INVALID_PARAM', 'More than one Content-Type');
  return {
    contentType: parseContentType(types[0]),
    uploadName: cleanUploadName(parseText(context.querystring, 'filename')),
    body: openRequestBody(context.req, { maxBytes: uploads.max_bytes, stallMs: uploads.stall_timeout }),
  };
}
