import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { describeServing } from './federation/serving-all.ts';
import { startServing, type ServingScene } from './federation/serving-scene.ts';
import { acquireRealStores } from './harness/stores.ts';

await describeRealService('on MongoDB and S3', start, describeServing);

async function start(): Promise<ServingScene | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : startServing(stores);
}
