import { describe } from 'node:test';
import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { acquireRealStores } from './harness/stores.ts';
import { startSystem, type System } from './harness/system.ts';
import { MAINTENANCE_CONFIG } from './maintenance/config.ts';
import { expireCases } from './maintenance/expire.contract.ts';
import { scrubCases } from './maintenance/scrub.contract.ts';
import { sweepCases } from './maintenance/sweep.contract.ts';

await describeRealService('medley beside running services, on MongoDB and S3', startOnRealStores, (system) => {
  describe('expire and stats', () => expireCases(system));
  describe('sweep', () => sweepCases(system));
  describe('scrub', () => scrubCases(system));
});

async function startOnRealStores(): Promise<System | Unavailable> {
  const stores = await acquireRealStores();
  if (isUnavailable(stores)) return stores;
  return startSystem('services', { stores, config: MAINTENANCE_CONFIG });
}
