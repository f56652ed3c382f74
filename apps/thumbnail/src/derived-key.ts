import { createHash } from 'node:crypto';
import type { BlobKey } from '@medley/domain/blob-key';
import type { Digest } from '@medley/domain/digest';
import { snapSpec, STANDARD_SPECS, toDerivation, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';

/** Changes whenever the pipeline would make other bytes of the same source: thumbnails made before are then made anew. */
export const PIPELINE_VERSION = 1;

const VERSION_LENGTH = 22;

/** A thumbnail that can be made: what of, and where it is kept. */
export interface Target {
  readonly spec: ThumbnailSpec;
  readonly key: BlobKey;
}

/** At least one; all of the same source. */
export type Targets = readonly [Target, ...Target[]];

/**
 * What to make when `requested` is asked of `source`: the one that answers it first, and with one of the standard
 * sizes the other four. They are stills, whatever was asked.
 */
export function toTargets(source: Digest, requested: ThumbnailSpec): Targets {
  const asked = toTarget(source, snapSpec({ ...requested, animated: false }));
  const standard = STANDARD_SPECS.map((spec) => toTarget(source, spec));
  const others = standard.filter(({ key }) => key.derivation !== asked.key.derivation);
  return others.length === standard.length ? [asked] : [asked, ...others];
}

/** Names the bytes under a derived key, so short that it fits an ETag. */
export function toVersion(key: BlobKey): string {
  return createHash('sha256').update(toKeyText(key)).digest('base64url').slice(0, VERSION_LENGTH);
}

/** A key as one text, to look things up by. */
export function toKeyText(key: BlobKey): string {
  return `${key.digest}/${key.derivation}`;
}

function toTarget(source: Digest, spec: ThumbnailSpec): Target {
  return { spec, key: { digest: source, derivation: toDerivation(spec, PIPELINE_VERSION) } };
}
