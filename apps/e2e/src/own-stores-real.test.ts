import { describe } from 'node:test';
import { describeRealService } from '@medley/tool-real-services/skip';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { acquireRealStores } from './harness/stores.ts';
import { changingCases } from './own-stores/changing.contract.ts';
import { keepingCases } from './own-stores/keeping.contract.ts';
import { redirectCases } from './own-stores/redirects.contract.ts';
import { startTenants, type TenantScene } from './own-stores/scene.ts';
import { sharingCases } from './own-stores/sharing.contract.ts';
import { openTenants, type TenantSite } from './own-stores/tenants.ts';
import { uploadCases } from './own-stores/uploads.contract.ts';

await describeRealService('tenants with stores of their own, on MongoDB and S3', startOnRealStores, (scene) => {
  describe('where bytes lie', () => uploadCases(scene));
  describe('the same bytes in several stores', () => sharingCases(scene));
  describe('maintenance and retention', () => keepingCases(scene));
});

await describeRealService('tenants’ stores that come and go, on MongoDB and S3', openOnRealStores, (tenantSite) => {
  changingCases(tenantSite);
  redirectCases(tenantSite);
});

async function startOnRealStores(): Promise<TenantScene | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : startTenants(stores);
}

async function openOnRealStores(): Promise<TenantSite | Unavailable> {
  const stores = await acquireRealStores();
  return isUnavailable(stores) ? stores : openTenants(stores);
}
