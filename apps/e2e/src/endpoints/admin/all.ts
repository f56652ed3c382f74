import { describe } from 'node:test';
import type { System } from '../../harness/system.ts';
import { describeBypass } from './bypass.ts';
import { describeDeleteMedia } from './delete-media.ts';
import { describeQuarantineChanges } from './quarantine-changes.ts';
import { describeQuarantine } from './quarantine.ts';
import { describeQueryMedia } from './query-media.ts';
import { describeStatistics } from './statistics.ts';
import { describeUserMedia } from './user-media.ts';
import { describeWhoMay } from './who-may.ts';

/** Synapse's admin API. */
export function describeSynapseAdmin(system: System): void {
  describe('Synapse’s admin API', () => {
    describeWhoMay(system);
    describeQueryMedia(system);
    describeQuarantine(system);
    describeQuarantineChanges(system);
    describeDeleteMedia(system);
    describeUserMedia(system);
    describeStatistics(system);
    describeBypass(system);
  });
}
