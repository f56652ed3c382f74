import { after, describe } from 'node:test';
import { embeddedStores } from '../harness/stores.ts';
import { startReplicas } from '../harness/two-gateways.ts';
import { keepsQuotas, QUOTA_CONFIG } from './quota-suite.ts';

const replicas = await startReplicas(embeddedStores(), QUOTA_CONFIG);
describe('quotas, at two gateways over one SQLite file', () => {
  after(() => replicas[Symbol.asyncDispose]());
  keepsQuotas(replicas);
});
