import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { acquireRealStores } from '../harness/stores.ts';
import type { Cluster } from './cluster.ts';
import { describeInterleavings, startForInterleavings } from './interleavings.ts';

await describeRealService('interleavings on MongoDB and S3', start, describeInterleavings);

async function start(): Promise<Cluster | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : startForInterleavings(stores);
}
