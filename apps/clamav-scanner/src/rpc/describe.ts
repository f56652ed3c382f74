import type { ContentScannerServiceImplementation } from '@medley/proto/content-scanner';
import type { Clamd } from '../clamd/clamd.ts';

/** Says which ClamAV scans, and with which signatures. */
export function describe(clamd: Clamd): ContentScannerServiceImplementation['describe'] {
  return async (_request, { signal }) => ({ scanner: await clamd.version(signal) });
}
