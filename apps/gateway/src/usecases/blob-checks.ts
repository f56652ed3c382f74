import type { ByteCheck } from '@medley/byte-lane/send-file';
import { toAddressText, type BlobAddress } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import type { ByteStream } from '@medley/streams/byte-stream';
import { VerifiedBlobs } from '@medley/streams/verified-blobs';
import { verifyDigest } from '@medley/streams/verify-digest';
import type { Logger } from '@medley/telemetry/logger';
import type { Meter } from '@medley/telemetry/metrics';
import { countOutcomes } from '@medley/telemetry/outcomes';

/** What may be wrong with a blob that a record names: other bytes, fewer or more of them, or none. */
export type BlobFault = (typeof BLOB_FAULTS)[number];
const BLOB_FAULTS = ['damaged', 'wrong size', 'missing'] as const;

/** Has whole blobs checked while they are read, each once in a while, and tells of those that are not what they were. */
export class BlobChecks {
  readonly #verified: VerifiedBlobs;
  readonly #log: Logger;
  readonly #countFault: (fault: BlobFault) => void;

  /** `againAfterMs`: how long a blob that was found right is believed, unless its stamp changes. */
  constructor(againAfterMs: number, log: Logger, meter: Meter) {
    this.#verified = new VerifiedBlobs(againAfterMs);
    this.#log = log;
    const description = 'Blobs that were found not to be what their records say';
    this.#countFault = countOutcomes(meter, { name: 'medley.gateway.blob.faults', description, label: 'fault', values: BLOB_FAULTS });
  }

  /** The check for a whole read, or `undefined` where these very bytes were found right lately. */
  of(original: BlobAddress, stamp: string): ByteCheck | undefined {
    const name = toAddressText(original);
    if (this.#verified.has(name, stamp)) return undefined;
    return {
      digest: original.digest,
      onResult: (isRight) => {
        if (isRight) this.#verified.add(name, stamp);
        else this.report(original, 'damaged');
      },
    };
  }

  report({ store, digest }: BlobAddress, fault: BlobFault): void {
    this.#countFault(fault);
    this.#log.error({ store, digest, fault }, 'a blob is not what its record says');
  }
}

/** Passes bytes on, the last of them only if all are right. */
export async function* checkStream(source: ByteStream, check: ByteCheck): AsyncGenerator<Uint8Array> {
  try {
    yield* verifyDigest(source, check.digest);
  } catch (error) {
    if (error instanceof MediaError && error.reason === 'BLOB_CORRUPT') check.onResult(false);
    throw error;
  }
  check.onResult(true);
}
