import type { LaneResponse } from '@medley/byte-lane/byte-lane';
import { MediaError, type MediaErrorReason } from '@medley/domain/media-error';

const RETRY_AFTER_MS = 1000;
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** What S3's own codes mean to us. A bucket that is missing, and keys that are refused, are for an operator to mend. */
const CODE_TO_REASON: ReadonlyMap<string, MediaErrorReason> = new Map([
  ['NotFound', 'NOT_FOUND'],
  ['NoSuchKey', 'NOT_FOUND'],
  ['NoSuchUpload', 'NOT_FOUND'],
  ['InvalidRange', 'RANGE_NOT_SATISFIABLE'],
  ['EntityTooLarge', 'TOO_LARGE'],
  ['XMinioStorageFull', 'STORAGE_FULL'],
  ['XMinioAdminBucketQuotaExceeded', 'STORAGE_FULL'],
  ['QuotaExceeded', 'STORAGE_FULL'],
  ...[
    'AccessDenied', 'BadDigest', 'ExpiredToken', 'InternalError', 'InvalidAccessKeyId', 'NoSuchBucket', 'OperationAborted',
    'RequestTimeTooSkewed', 'RequestTimeout', 'ServiceUnavailable', 'SignatureDoesNotMatch', 'SlowDown', 'SlowDownRead',
    'SlowDownWrite', 'XMinioServerNotInitialized',
  ].map((code) => [code, 'SERVICE_UNAVAILABLE'] as const),
]);

const MESSAGES: Partial<Readonly<Record<MediaErrorReason, string>>> = {
  NOT_FOUND: 'No such blob',
  RANGE_NOT_SATISFIABLE: 'The range is not within the blob',
  STORAGE_FULL: 'There is no space left to store this',
  TOO_LARGE: 'Larger than the object store takes',
};

/** Connections that can't be made, break, or fall silent: system calls' codes and undici's. */
const CONNECTION_CODE = /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_AGAIN|UND_ERR_\w+)$/;
/** How minio tells of a status that it takes as passing. It has read neither headers nor body then. */
const PASSING_STATUS = /Retryable HTTP status: \d+/;

/** A request that S3 answered with an error. */
export class S3ResponseError extends Error {
  override readonly name = 'S3ResponseError';
  readonly code: string;

  constructor(status: number, code: string) {
    super(`S3 answered ${status} ${code}`);
    this.code = code;
  }
}

/** Turns what minio, undici or readResponseError bring into the MediaError it means. Passes on whatever it does not know. */
export function toS3MediaError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof MediaError) return error;
  const reason = toReason(error);
  if (reason === undefined) return error;
  const retryAfterMs = reason === 'SERVICE_UNAVAILABLE' ? RETRY_AFTER_MS : undefined;
  return new MediaError(reason, MESSAGES[reason] ?? 'The object store is not available', { cause: error, retryAfterMs });
}

function toReason(error: Error): MediaErrorReason | undefined {
  const code = errorCode(error);
  if (CONNECTION_CODE.test(code) || PASSING_STATUS.test(error.message)) return 'SERVICE_UNAVAILABLE';
  return CODE_TO_REASON.get(code);
}

/** The code of a failed request, S3's or the system's; empty where there is none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Reads what an error response says. */
export async function readResponseError(response: LaneResponse): Promise<S3ResponseError> {
  const code = /<Code>(\w+)<\/Code>/.exec(await readBeginning(response))?.at(1);
  return new S3ResponseError(response.status, code ?? codeOfStatus(response.status));
}

/** An error fits into this; whatever is longer is none, and is left. */
async function readBeginning(response: LaneResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MAX_ERROR_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

function codeOfStatus(status: number): string {
  if (status === 404) return 'NotFound';
  if (status === 403) return 'AccessDenied';
  if (status === 507) return 'XMinioStorageFull';
  return status >= 500 || status === 429 || status === 408 ? 'ServiceUnavailable' : 'Unknown';
}
