import { describe } from 'node:test';
import type { System } from '../../harness/system.ts';
import { describeBans } from './bans.ts';
import { describeDiagnosis } from './diagnosis.ts';
import { describeHistory } from './history.ts';
import { describeJobs } from './jobs.ts';
import { describeModeration } from './moderation.ts';
import { describeOwnMedia } from './own-media.ts';
import { describeSearch } from './search.ts';
import { describeUsage } from './usage.ts';
import { describeWhoMay } from './who-may.ts';

/** Medley's own API; every answer is checked by its OpenAPI document. */
export function describeMedleyApi(system: System): void {
  describe('Medley’s own API', () => {
    describeWhoMay(system);
    describeSearch(system);
    describeModeration(system);
    describeBans(system);
    describeHistory(system);
    describeUsage(system);
    describeJobs(system);
    describeOwnMedia(system);
    describeDiagnosis(system);
  });
}
