import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { acquireRealStores } from './harness/stores.ts';
import { describeLogs } from './telemetry/logs.ts';
import { startObserved, type Observed } from './telemetry/observed.ts';
import { describeTraces } from './telemetry/traces.ts';

await describeRealService('on MongoDB and S3', start, (observed) => {
  describeTraces(observed, { put: 's3 put', look: 's3 stat', record: 'mongodb insert' });
  describeLogs(observed);
});

async function start(): Promise<Observed | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : startObserved({ stores });
}
