import type { PolicySet } from '@medley/config/policies';
import type { QuotaLimit } from '@medley/proto/metadata/quotas';

/** What one user may do, and how much. */
export interface Policy {
  readonly uploads: UploadPolicy;
  readonly quota: QuotaPolicy;
  /** By which the user's rate limits are multiplied; Infinity: there are none. */
  readonly rateFactor: number;
  /** Whether a content scanner looks at what the user uploads. */
  readonly isScanned: boolean;
}

export interface UploadPolicy {
  readonly isAllowed: boolean;
  readonly maxBytes: number;
  /** Reserved media ids that wait for their uploads; 0: no limit. */
  readonly maxPending: number;
  /** Media types, in which `*` stands for anything. */
  readonly allowedTypes: readonly string[];
  /** Those that are refused even if they are allowed as well. */
  readonly deniedTypes: readonly string[];
}

export interface QuotaPolicy {
  /** None: nothing is counted. That of all there is comes first. */
  readonly limits: readonly QuotaLimit[];
  /** Where users can read about them; always there if there are limits. */
  readonly infoUri: string | undefined;
  readonly canUpgrade: boolean;
}

/** What the configuration says of one key, and by which rule; without one it is what is said for all. */
export interface Decision<Value> {
  readonly value: Value;
  readonly rule: string | undefined;
}

/** Some settings, and the name of the rule that makes them. */
export interface NamedSet {
  readonly name: string | undefined;
  readonly set: PolicySet;
}

type UploadLimit = NonNullable<NonNullable<PolicySet['quotas']>['media_upload_limits']>[number];

/** What is decided of each key; null is no limit. */
export interface Decisions {
  readonly 'uploads.allowed': Decision<boolean>;
  readonly 'uploads.max_bytes': Decision<number>;
  readonly 'uploads.max_pending': Decision<number>;
  readonly 'uploads.allowed_types': Decision<readonly string[]>;
  readonly 'uploads.denied_types': Decision<readonly string[]>;
  readonly 'quotas.max_bytes': Decision<number | null>;
  readonly 'quotas.max_files': Decision<number | null>;
  readonly 'quotas.media_upload_limits': Decision<readonly UploadLimit[]>;
  readonly 'quotas.info_uri': Decision<string | null>;
  readonly 'quotas.can_upgrade': Decision<boolean>;
  /** Infinity: exempt. */
  readonly 'rate_limits.factor': Decision<number>;
  readonly scan: Decision<boolean>;
}

/** Decides each key: the first of `sets` that says something counts, and the last must say everything but `quotas.info_uri`. */
export function decide(sets: readonly NamedSet[]): Decisions {
  const first = <Value>(read: (set: PolicySet) => Value | undefined, otherwise: Value): Decision<Value> => {
    const name = sets.find(({ set }) => read(set) !== undefined);
    return { value: (name && read(name.set)) ?? otherwise, rule: name?.name };
  };
  return {
    'uploads.allowed': first(({ uploads }) => uploads?.allowed, true),
    'uploads.max_bytes': first(({ uploads }) => uploads?.max_bytes, 0),
    'uploads.max_pending': first(({ uploads }) => uploads?.max_pending, 0),
    'uploads.allowed_types': first(({ uploads }) => uploads?.allowed_types, []),
    'uploads.denied_types': first(({ uploads }) => uploads?.denied_types, []),
    'quotas.max_bytes': first<number | null>(({ quotas }) => quotas?.max_bytes, null),
    'quotas.max_files': first<number | null>(({ quotas }) => quotas?.max_files, null),
    'quotas.media_upload_limits': first(({ quotas }) => quotas?.media_upload_limits, []),
    'quotas.info_uri': first<string | null>(({ quotas }) => quotas?.info_uri, null),
    'quotas.can_upgrade': first(({ quotas }) => quotas?.can_upgrade, false),
    'rate_limits.factor': first(({ rate_limits: rate }) => rate && toFactor(rate), 1),
    scan: first(({ scan }) => scan, false),
  };
}

/** What has been decided, in the shape that the rest of the gateway reads. */
export function toPolicy(decided: Decisions): Policy {
  return {
    uploads: {
      isAllowed: decided['uploads.allowed'].value,
      maxBytes: decided['uploads.max_bytes'].value,
      maxPending: decided['uploads.max_pending'].value,
      allowedTypes: decided['uploads.allowed_types'].value,
      deniedTypes: decided['uploads.denied_types'].value,
    },
    quota: {
      limits: toLimits(decided),
      infoUri: decided['quotas.info_uri'].value ?? undefined,
      canUpgrade: decided['quotas.can_upgrade'].value,
    },
    rateFactor: decided['rate_limits.factor'].value,
    isScanned: decided.scan.value,
  };
}

function toLimits(decided: Decisions): QuotaLimit[] {
  const total = { windowMs: 0, maxBytes: decided['quotas.max_bytes'].value ?? undefined, maxFiles: decided['quotas.max_files'].value ?? undefined };
  const windows = decided['quotas.media_upload_limits'].value
    .map(({ time_period, max_size, max_files }) => ({ windowMs: time_period, maxBytes: max_size, maxFiles: max_files }));
  return [...(total.maxBytes === undefined && total.maxFiles === undefined ? [] : [total]), ...windows];
}

function toFactor({ factor = 1, exempt = false }: NonNullable<PolicySet['rate_limits']>): number {
  return exempt ? Infinity : factor;
}
