import { describe, it } from 'node:test';
import { assertError } from '../../harness/expect.ts';
import type { System } from '../../harness/system.ts';
import { API, MedleyApi } from './medley-api.ts';

/** Users may call these. */
const FOR_USERS = ['getMediaInfo', 'medleyListMyMedia', 'medleyGetMyUsage'];

/** Who may call Medley's own API. */
export function describeWhoMay({ site }: System): void {
  describe('who may', () => {
    for (const { operationId, method, path } of API.operations.filter((one) => !FOR_USERS.includes(one.operationId))) {
      it(`refuses everybody but admins at ${method} ${path}`, async () => {
        const whole = `/_medley/v1${path.replaceAll(/\{\w+\}/g, 'x')}`;
        const user = site.user();
        assertError(await user.call(whole, { method, token: undefined }), 401, 'M_MISSING_TOKEN');
        assertError(await user.call(whole, { method, token: 'nobody' }), 401, 'M_UNKNOWN_TOKEN');
        assertError(await site.guest().call(whole, { method }), 403, 'M_GUEST_ACCESS_FORBIDDEN');
        const refused = await new MedleyApi(site, user).try(operationId, { params: { serverName: 'x', mediaId: 'x', digest: 'x', jobId: 'x', userId: 'x' } });
        assertError(refused, 403, 'M_FORBIDDEN');
      });
    }
  });
}
