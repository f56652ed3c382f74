import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { acquireRealStores } from './harness/stores.ts';
import { retentionCases, startRetention, type RetentionSystem } from './maintenance/retention.contract.ts';

await describeRealService('medley retention, on MongoDB and S3', startOnRealStores, retentionCases);

async function startOnRealStores(): Promise<RetentionSystem | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : startRetention(stores);
}
