import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { acquireRealStores } from '../harness/stores.ts';
import { startReplicas, type Replicas } from '../harness/two-gateways.ts';
import { keepsQuotas, QUOTA_CONFIG } from './quota-suite.ts';

await describeRealService('quotas, at two gateways over one MongoDB', start, keepsQuotas);

async function start(): Promise<Replicas | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : startReplicas(stores, QUOTA_CONFIG);
}
