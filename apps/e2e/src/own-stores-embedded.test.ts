import { after, describe } from 'node:test';
import { changingCases } from './own-stores/changing.contract.ts';
import { keepingCases } from './own-stores/keeping.contract.ts';
import { startTenants } from './own-stores/scene.ts';
import { sharingCases } from './own-stores/sharing.contract.ts';
import { openTenants } from './own-stores/tenants.ts';
import { uploadCases } from './own-stores/uploads.contract.ts';

const scene = await startTenants();
const changing = await openTenants();

describe('tenants with stores of their own, in folders', () => {
  after(async () => {
    await scene[Symbol.asyncDispose]();
    await changing[Symbol.asyncDispose]();
  });
  describe('where bytes lie', () => uploadCases(scene));
  describe('the same bytes in several stores', () => sharingCases(scene));
  describe('maintenance and retention', () => keepingCases(scene));
  describe('stores that come and go', () => changingCases(changing));
});
