import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { describeAdminEndpoints } from './endpoints/all.ts';
import { ENDPOINT_CONFIG } from './harness/setup.ts';
import { acquireRealStores } from './harness/stores.ts';
import { startSystem, type System } from './harness/system.ts';

await describeRealService('on MongoDB and S3', start, describeAdminEndpoints);

async function start(): Promise<System | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : startSystem('services', { stores, config: ENDPOINT_CONFIG });
}
