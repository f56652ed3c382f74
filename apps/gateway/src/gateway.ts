import type { ByteLane } from '@medley/byte-lane/byte-lane';
import type { Logger } from '@medley/telemetry/logger';
import type { AdminCheck } from './auth/admin-check.ts';
import type { QueryTokens } from './auth/query-tokens.ts';
import type { ServerKeys } from './auth/server-keys.ts';
import type { Suspensions } from './auth/suspensions.ts';
import type { TokenCheck } from './auth/token-check.ts';
import type { BodyCache } from './cache/bodies.ts';
import type { KnownChanges } from './cache/known-changes.ts';
import type { RecordCache } from './cache/records.ts';
import type { Door } from './http/door/door.ts';
import type { HotPath } from './http/hot-path.ts';
import type { ThumbnailCache } from './cache/thumbnails.ts';
import type { GatewayConfig } from './config.ts';
import type { Bell } from './jobs/bell.ts';
import type { Limits } from './limits/limits.ts';
import type { Turns } from './limits/turns.ts';
import type { BlobChecks } from './usecases/blob-checks.ts';
import type { GatewayMeasures } from './measures.ts';
import type { AccessMarks } from './usecases/mark-accessed.ts';
import type { Policies } from './policy/policies.ts';
import type { Quotas } from './policy/quotas.ts';
import type { PreviewFlights } from './usecases/preview-flights.ts';
import type { RemoteMedia } from './usecases/remote/remote-media.ts';
import type { Scanning } from './scanning/scanning.ts';
import type { Services } from './services.ts';
import type { Tenants } from './tenants.ts';

/** What handlers and use cases work with. Made once, by `app.ts`. */
export interface Gateway {
  readonly config: GatewayConfig;
  readonly tenants: Tenants;
  readonly tokens: TokenCheck;
  readonly queryTokens: QueryTokens;
  readonly suspensions: Suspensions;
  readonly serverKeys: ServerKeys;
  readonly admins: AdminCheck;
  readonly policies: Policies;
  readonly quotas: Quotas;
  readonly limits: Limits;
  /** In which thumbnails are made. */
  readonly turns: Turns;
  readonly services: Services;
  readonly lane: ByteLane;
  readonly changes: KnownChanges;
  readonly records: RecordCache;
  readonly measures: GatewayMeasures;
  readonly checks: BlobChecks;
  readonly bodies: BodyCache;
  readonly thumbnails: ThumbnailCache;
  readonly previews: PreviewFlights;
  readonly remote: RemoteMedia;
  readonly door: Door;
  readonly hot: HotPath;
  readonly accesses: AccessMarks;
  readonly scanning: Scanning;
  /** Rings when a job was ordered here. */
  readonly newJobs: Bell;
  readonly log: Logger;
}
