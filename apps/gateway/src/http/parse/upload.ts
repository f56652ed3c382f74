import { parseContentType } from '@medley/domain/content-type';
import { MediaError } from '@medley/domain/media-error';
import { cleanUploadName } from '@medley/domain/upload-name';
import type { Gateway } from '../../gateway.ts';
import { requireType, requireUploads } from '../../policy/require-allowed.ts';
import type { Upload } from '../../usecases/upload-media.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { headerValues } from './headers.ts';
import { parseText } from './query.ts';
import { openRequestBody } from './request-body.ts';

/**
 * Reads what an uploader says of a body, and opens it; the body is opaque bytes, whatever its type. Throws INVALID_PARAM,
 * FORBIDDEN or TOO_LARGE, as far as can be told before it is read.
 */
export function parseUpload(exchange: AuthenticatedExchange, { config, policies }: Gateway): Upload {
  const { context } = exchange;
  const policy = policies.of(exchange).uploads;
  requireUploads(policy);
  const types = headerValues(context.req, 'content-type');
  if (types.length > 1) throw new MediaError('INVALID_PARAM', 'More than one Content-Type');
  const contentType = parseContentType(types[0]);
  requireType(policy, contentType);
  return {
    contentType,
    uploadName: cleanUploadName(parseText(context.querystring, 'filename')),
    body: openRequestBody(context.req, { maxBytes: policy.maxBytes, stallMs: config.uploads.stall_timeout }),
  };
}
