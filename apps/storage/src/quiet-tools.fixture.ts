import { quietTelemetry } from '@medley/testing/telemetry';
import type { Logger } from '@medley/telemetry/logger';
import { BlobVerifier } from './blob-verifier.ts';

/** What a store is opened with besides its place: a logger that says nothing, and a verifier that believes nothing. */
export function quietTools(): readonly [log: Logger, verifier: BlobVerifier] {
  const { log, meter } = quietTelemetry();
  return [log, new BlobVerifier({ againAfterMs: 0, log, meter })];
}
