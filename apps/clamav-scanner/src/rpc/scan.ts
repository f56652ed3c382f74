import { MediaError } from '@medley/domain/media-error';
import type { ContentScannerServiceImplementation, ScanRequest } from '@medley/proto/content-scanner';
import type { Clamd } from '../clamd/clamd.ts';

/** Has one file examined. What clamd was not sent as a whole it says nothing about. */
export function scan(clamd: Clamd): ContentScannerServiceImplementation['scan'] {
  return async (parts, { signal }) => {
    const finding = await clamd.scan(readChunks(parts), signal);
    return { isClean: finding === undefined, finding: finding ?? '' };
  };
}

/** A call that was cut off ends like one that is whole: only its end tells. */
async function* readChunks(parts: AsyncIterable<ScanRequest>): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const { part } of parts) {
    if (part?.$case === 'end' && part.value.totalBytes === sizeBytes) return;
    if (part?.$case === 'end') break;
    if (part?.$case !== 'chunk') continue;
    sizeBytes += part.value.byteLength;
    yield part.value;
  }
  throw new MediaError('UPLOAD_INCOMPLETE', `The stream ended after ${sizeBytes} bytes without a matching end`);
}
