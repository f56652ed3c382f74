import { COMMON_STORE } from '@medley/domain/store-name';
import { VerifiedBlobs } from '@medley/streams/verified-blobs';
import { quietTelemetry } from '@medley/testing/telemetry';
import type { Logger } from '@medley/telemetry/logger';
import { BlobVerifier } from './blob-verifier.ts';

/** What a store is opened with besides its place: a logger that says nothing, and a verifier that believes nothing. */
export function quietTools(): readonly [log: Logger, verifier: BlobVerifier] {
  const { log, meter } = quietTelemetry();
  return [log, new BlobVerifier({ verified: new VerifiedBlobs(0), store: COMMON_STORE, log, meter })];
}
