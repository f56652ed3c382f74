import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { ADMIN, ask, byId, newAdmin, recordRemote } from './endpoints/admin/admin-calls.ts';
import { ADMIN_ENDPOINTS } from './endpoints/endpoint-list.ts';
import { API, listOf, MedleyApi, paramsOf } from './endpoints/medley/medley-api.ts';
import { startSystem } from './harness/system.ts';

const LATER = (): number => Date.now() + 3_600_000;

const system = await startSystem('services');
const { site } = system;
after(() => system[Symbol.asyncDispose]());

/** One act of an admin who does nothing else. */
interface Act {
  readonly kind: string;
  /** What must have been done before, by another admin. */
  readonly first?: (api: MedleyApi, uri: MxcUri) => Promise<unknown>;
  readonly act: (api: MedleyApi, uri: MxcUri) => Promise<unknown>;
}

const on = (operation: string) => (api: MedleyApi, uri: MxcUri) => api.on(`medley${operation}Media`, uri);
const digestOf = ({ mediaId }: MxcUri): string => createHash('sha256').update(mediaId).digest('hex');
const ban = (operation: string) => (api: MedleyApi, uri: MxcUri) => api.call(operation, { params: { digest: digestOf(uri), ...paramsOf(uri) } });
const synapse = (method: string, path: (uri: MxcUri) => string, query = {}) => (api: MedleyApi, uri: MxcUri) => ask(api.admin, method, path(uri), query);
const room = ({ mediaId }: MxcUri): string => `!${mediaId}:${site.serverName}`;
const fillRoom = async (_api: MedleyApi, uri: MxcUri): Promise<void> => site.homeserver.setRoomMedia(room(uri), { local: [toMxcText(uri)], remote: [] });
const user = (uri: MxcUri): string => String(owners.get(uri.mediaId));
const owners = new Map<string, string>();

const MEDLEY_ACTS: Readonly<Record<string, Act>> = {
  medleyDeleteMedia: { kind: 'deleted', act: on('Delete') },
  medleyQuarantineMedia: { kind: 'quarantined', act: on('Quarantine') },
  medleyReleaseMedia: { kind: 'released', first: on('Quarantine'), act: on('Release') },
  medleyProtectMedia: { kind: 'protected', act: on('Protect') },
  medleyUnprotectMedia: { kind: 'unprotected', first: on('Protect'), act: on('Unprotect') },
  medleyRestoreMedia: { kind: 'restored', first: on('Delete'), act: on('Restore') },
  medleyBanDigest: { kind: 'quarantined', act: ban('medleyBanDigest') },
  medleyLiftDigestBan: { kind: 'released', first: ban('medleyBanDigest'), act: ban('medleyLiftDigestBan') },
  medleyBanMedia: { kind: 'quarantined', act: ban('medleyBanMedia') },
  medleyLiftMediaBan: { kind: 'released', first: ban('medleyBanMedia'), act: ban('medleyLiftMediaBan') },
  medleyCreateJob: { kind: 'deleted', act: (api, uri) => api.runJob({ action: 'delete', filter: { user: user(uri) } }) },
};
/** They do nothing to media: who called is in the log alone. */
const LOGGED_ACTS = ['medleyCancelJob'];

const SYNAPSE_ACTS: Readonly<Record<string, Act>> = {
  [`POST ${ADMIN}/media/quarantine/e2e.example/abc`]: { kind: 'quarantined', act: synapse('POST', (uri) => byId(uri, 'quarantine/')) },
  [`POST ${ADMIN}/media/unquarantine/e2e.example/abc`]: { kind: 'released', first: on('Quarantine'), act: synapse('POST', (uri) => byId(uri, 'unquarantine/')) },
  [`POST ${ADMIN}/media/protect/abc`]: { kind: 'protected', act: synapse('POST', ({ mediaId }) => `/media/protect/${mediaId}`) },
  [`POST ${ADMIN}/media/unprotect/abc`]: { kind: 'unprotected', first: on('Protect'), act: synapse('POST', ({ mediaId }) => `/media/unprotect/${mediaId}`) },
  [`DELETE ${ADMIN}/media/e2e.example/abc`]: { kind: 'deleted', act: synapse('DELETE', byId) },
  [`POST ${ADMIN}/media/delete`]: { kind: 'deleted', act: synapse('POST', () => '/media/delete', { before_ts: LATER() }) },
  [`POST ${ADMIN}/media/e2e.example/delete`]: { kind: 'deleted', act: synapse('POST', () => '/media/e2e.example/delete', { before_ts: LATER() }) },
  [`POST ${ADMIN}/room/!room:e2e.example/media/quarantine`]: { kind: 'quarantined', first: fillRoom, act: synapse('POST', (uri) => `/room/${room(uri)}/media/quarantine`) },
  [`POST ${ADMIN}/quarantine_media/!room:e2e.example`]: { kind: 'quarantined', first: fillRoom, act: synapse('POST', (uri) => `/quarantine_media/${room(uri)}`) },
  [`POST ${ADMIN}/user/@somebody:e2e.example/media/quarantine`]: { kind: 'quarantined', act: synapse('POST', (uri) => `/user/${user(uri)}/media/quarantine`) },
  [`DELETE ${ADMIN}/users/@somebody:e2e.example/media`]: { kind: 'deleted', act: synapse('DELETE', (uri) => `/users/${user(uri)}/media`) },
  [`POST ${ADMIN}/purge_media_cache`]: {
    kind: 'deleted', first: (_api, uri) => recordRemote(site, uri), act: synapse('POST', () => '/purge_media_cache', { before_ts: LATER() }),
  },
};

describe('the audit log', () => {
  it('is tested for every call of admins that changes something', () => {
    const medley = API.operations.filter(({ method, path }) => method !== 'GET' && !path.startsWith('/me/')).map(({ operationId }) => operationId);
    assert.deepEqual([...Object.keys(MEDLEY_ACTS), ...LOGGED_ACTS].toSorted(), medley.toSorted());
    const others = ADMIN_ENDPOINTS.flatMap(({ path, methods }) => methods.filter((method) => method !== 'GET').map((method) => `${method} ${path}`));
    assert.deepEqual(Object.keys(SYNAPSE_ACTS).toSorted(), others.toSorted());
  });

  for (const [name, act] of Object.entries({ ...MEDLEY_ACTS, ...SYNAPSE_ACTS })) it(`names who has called ${name}`, () => check(act));

  it('is not the place for what happens to no media, which the log names', async () => {
    const api = new MedleyApi(site);
    const { job_id: jobId } = await api.call('medleyCreateJob', { body: { action: 'protect', filter: { origin: 'nobody.example' } } });
    await api.call('medleyCancelJob', { params: { jobId: String(jobId) } });
    await eventually(() => assert.deepEqual(logged(api), ['medleyCreateJob', 'medleyCancelJob']));
  });

  it('is not the place for a look at hidden media, which the log names', async () => {
    const [api, uri] = [new MedleyApi(site), await site.user().upload('looked at')];
    await new MedleyApi(site).on('medleyQuarantineMedia', uri);
    assert.equal((await api.admin.download(uri, { query: { admin_unsafely_bypass_quarantine: true } })).status, 200);
    await eventually(() => assert.deepEqual(logged(api), ['bypassQuarantine']));
  });
});

async function check({ kind, first, act }: Act): Promise<void> {
  const [uploader, api] = [site.user(), new MedleyApi(site, newAdmin(site))];
  const uri = await uploader.upload(`audited ${crypto.randomUUID()}`);
  owners.set(uri.mediaId, uploader.account.userId);
  await first?.(new MedleyApi(site), uri);
  await act(api, uri);
  const { changes } = await api.call('medleyGetAudit', { query: { limit: 1000 } });
  const own = listOf(changes).filter(({ by }) => by === api.admin.account.userId);
  assert.ok(own.length > 0, 'nothing is written down');
  assert.ok(own.every((change) => change['kind'] === kind), JSON.stringify(own));
  await eventually(() => assert.equal(logged(api).length, 1));
}

/** What the log says that an admin has called. */
function logged(api: MedleyApi): readonly unknown[] {
  const lines = system.program.logs.filter((line) => line['msg'] === 'an admin acts' && line['by'] === api.admin.account.userId);
  return lines.map((line) => line['operation']);
}
