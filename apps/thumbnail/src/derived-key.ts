import { createHash } from 'node:crypto';
import type { BlobAddress, BlobKey } from '@medley/domain/blob-key';
import { snapSpec, STANDARD_SPECS, toDerivation, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import type { Wanted } from './pipeline/wanted.ts';

/** Changes whenever the pipeline would make other bytes of the same source: thumbnails made before are then made anew. */
export const PIPELINE_VERSION = 2;

const INFO = `image-info-v${PIPELINE_VERSION}`;
const VERSION_LENGTH = 22;

/** Something that can be made of a source, and where it is kept: beside its source. */
export interface Target {
  readonly wanted: Wanted;
  readonly key: BlobAddress;
}

/** At least one; all of the same source. */
export type Targets = readonly [Target, ...Target[]];

/**
 * What to make when `requested` is asked of `source`: the one that answers it first, and with one of the standard
 * sizes the other four, in the same format. Animations are made alone.
 */
export function toTargets(source: BlobAddress, requested: ThumbnailSpec): Targets {
  const asked = toTarget(source, snapSpec(requested));
  const standard = STANDARD_SPECS.map((spec) => toTarget(source, { ...spec, format: requested.format }));
  const others = standard.filter(({ key }) => key.derivation !== asked.key.derivation);
  return others.length === standard.length ? [asked] : [asked, ...others];
}

/** What to make for the ImageInfo of `source`. */
export function toInfoTargets(source: BlobAddress): Targets {
  return [{ wanted: 'info', key: { ...source, derivation: INFO } }];
}

/** Whether an ImageInfo is kept under this key, and no thumbnail. */
export function isInfoKey({ derivation }: BlobKey): boolean {
  return derivation === INFO;
}

/** Whether a thumbnail that moves is kept under this key, or the mark that there is none. */
export function isAnimationKey({ derivation }: BlobKey): boolean {
  return /-animated(-|$)/.test(derivation);
}

/** Names the bytes under a derived key, so short that it fits an ETag. In all stores they are the same. */
export function toVersion({ digest, derivation }: BlobKey): string {
  return createHash('sha256').update(`${digest}/${derivation}`).digest('base64url').slice(0, VERSION_LENGTH);
}

function toTarget(source: BlobAddress, spec: ThumbnailSpec): Target {
  return { wanted: spec, key: { ...source, derivation: toDerivation(spec, PIPELINE_VERSION) } };
}
