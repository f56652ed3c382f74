import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { MediaKind } from '@medley/proto/metadata/media';
import { eventually } from '@medley/testing/eventually';
import { listOf, MedleyApi } from '../endpoints/medley/medley-api.ts';
import { offer, requestCount, REMOTE_CONFIG, startScene, type RemoteScene } from '../federation/remote-scene.ts';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import type { Config, Site } from '../harness/site.ts';
import type { Stores } from '../harness/stores.ts';
import { startSystem, type System } from '../harness/system.ts';
import { bytesOf, digestOf } from './bytes-on-disk.ts';
import { MAINTENANCE_CONFIG } from './config.ts';
import { reportOf, startMedley, type Report } from './medley-command.ts';
import { withMetadata } from './stores.ts';

const [LOCAL_TYPE, REMOTE_TYPE] = ['application/x-local', 'application/x-remote'];
const BY = '@admin:e2e.example';
const SIZE = 1000;
const MINUTE_MS = 60_000;

/** Each rule has a type of its own, so that it takes only what its test has made. */
const RETENTION_CONFIG: Config = {
  ...MAINTENANCE_CONFIG,
  ...REMOTE_CONFIG,
  retention: {
    rules: [
      { name: 'local', kind: 'local', older_than: '1ms', content_type: LOCAL_TYPE },
      { name: 'remote', kind: 'remote', unused_for: '1ms', content_type: REMOTE_TYPE, larger_than: '500' },
    ],
  },
};

/** A Medley with rules of retention, and another server. */
export interface RetentionSystem extends System {
  readonly scene: RemoteScene;
}

export async function startRetention(stores?: Stores): Promise<RetentionSystem> {
  const system = await startSystem('services', { ...(stores !== undefined && { stores }), config: RETENTION_CONFIG });
  return { ...system, scene: await startScene(system.site) };
}

/** What `medley retention` does, on the stores of a running system. */
export function retentionCases({ site, program, scene }: RetentionSystem): void {
  const user = site.user();

  /** Lets four of some media stay: one protected, one quarantined, and the avatars of a member and of a room. */
  async function keep(...[safe, hidden, member, room]: readonly MxcUri[]): Promise<void> {
    await withMetadata(site, async (rpc) => {
      await rpc.setProtection({ keys: toKeys(safe), protected: true, by: BY });
      await rpc.setQuarantine({ keys: toKeys(hidden), digests: [], quarantined: true, by: BY });
      await rpc.indexEvents({ events: [stateEvent('m.room.member', '@u:e2e.example', { membership: 'join', avatar_url: textOf(member) }), stateEvent('m.room.avatar', '', { url: textOf(room) })] });
    });
  }

  const remains = async (uris: readonly MxcUri[]): Promise<readonly boolean[]> => {
    const { results } = await withMetadata(site, (rpc) => rpc.batchGetMedia({ keys: uris.flatMap(toKeys) }));
    return results.map(({ record }) => record !== undefined);
  };

  /** As soon as the gateway has heard of its removal, and a federation-fetch is there that doesn’t still have it. */
  async function fetchedAgain(uri: MxcUri | undefined, bytes: Buffer | undefined): Promise<void> {
    assert.ok(uri !== undefined && bytes !== undefined);
    const pids = program.pidsOf('federation-fetch');
    process.kill(pids.at(-1) ?? 0, 'SIGKILL');
    await eventually(() => assert.ok(program.pidsOf('federation-fetch').length > pids.length));
    await eventually(async () => {
      assertBytes(await user.download(uri), bytes);
      assert.equal(requestCount(scene, uri), 2);
    });
  }

  /** Puts media of the other server here, of which each was asked for a minute after the one before. */
  async function fetchInTurn(bodies: readonly Buffer[], contentType: string): Promise<readonly MxcUri[]> {
    const uris = bodies.map((bytes) => offer(scene, { bytes, contentType }));
    for (const uri of uris) assert.equal((await user.download(uri)).status, 200);
    const startedAt = Date.now() + 2 * MINUTE_MS; // whatever the gateway notes of these downloads is earlier
    const accesses = uris.map(({ origin, mediaId }, index) => ({ key: { origin, mediaId }, atMs: startedAt + index * MINUTE_MS }));
    await withMetadata(site, (rpc) => rpc.markAccessed({ accesses }));
    return uris;
  }

  describe('rules', () => {
    it('remove what is due into the trash, keep protected and quarantined media and avatars, and take nothing the second time', async () => {
      const uris: MxcUri[] = [];
      for (let made = 0; made < 6; made += 1) uris.push(await user.upload(randomBody(SIZE), { type: LOCAL_TYPE }));
      const other = await user.upload(randomBody(SIZE), { type: 'application/x-other' });
      await keep(...uris);
      const dry = await reportOf(site, ['retention', '--dry-run']);
      assert.deepEqual(await remains(uris), uris.map(() => true));
      const previewed = await new MedleyApi(site).call('medleyPreviewRetention');
      const done = await reportOf(site, ['retention']);
      assert.deepEqual([done.rules[0], dry.rules, done.is_complete], [{ name: 'local', kind: 'local', media_count: 2, media_bytes: 2 * SIZE }, done.rules, true]);
      assert.deepEqual([listOf(previewed['rules']), previewed['incomplete']], [done.rules, false]);
      assert.deepEqual(await remains([...uris, other]), [true, true, true, true, false, false, true]);
      const gone = uris.slice(4);
      for (const uri of gone) await eventually(async () => assertError(await user.download(uri), 404, 'M_NOT_FOUND'));
      assert.equal((await reportOf(site, ['retention'])).rules[0]?.media_count, 0);
      const { changes } = await withMetadata(site, (rpc) => rpc.listChanges({ limit: 10, kinds: [], mediaOnly: true, key: toKeys(gone[0])[0], descending: true }));
      assert.deepEqual([changes[0]?.by, changes[0]?.reason], ['retention', 'local']);
      const { restored } = await withMetadata(site, (rpc) => rpc.restoreMedia({ keys: gone.flatMap(toKeys), by: BY }));
      assert.equal(restored.length, 2);
    });

    it('remove copies of other servers’ media for good; they are fetched again when somebody asks', async () => {
      const [large, small] = [randomBody(SIZE), randomBody(400)];
      const uris = [large, small].map((bytes) => offer(scene, { bytes, contentType: REMOTE_TYPE }));
      for (const uri of uris) assert.equal((await user.download(uri)).status, 200);
      const done = await reportOf(site, ['retention']);
      assert.deepEqual(done.rules[1], { name: 'remote', kind: 'remote', media_count: 1, media_bytes: SIZE });
      assert.deepEqual(await remains(uris), [false, true]);
      await reportOf(site, ['sweep', '--wait']);
      assert.equal((await bytesOf(site).names()).some((name) => name.includes(digestOf(large))), false);
      await fetchedAgain(uris[0], large);
    });
  });

  describe('the budget of other servers’ media', () => {
    it('removes what nobody has asked for longest, but nothing protected, quarantined or an avatar, and it is fetched again on demand', async () => {
      const bodies = Array.from({ length: 10 }, () => randomBody(SIZE));
      const uris = await fetchInTurn(bodies, 'application/x-copy');
      await keep(...uris);
      await forgetOthers(site, uris);
      const env = { MEDLEY_RETENTION__RULES: '[]', MEDLEY_RETENTION__MAX_REMOTE_BYTES: String(8 * SIZE) };
      const dry = await reportOf(site, ['retention', '--dry-run'], { env });
      assert.deepEqual(await remains(uris), uris.map(() => true));
      const done = await reportOf(site, ['retention'], { env });
      assert.deepEqual(done.budgets, [{ kind: 'remote', max_bytes: 8 * SIZE, media_count: 3, media_bytes: 3 * SIZE, excess_bytes: 0 }]);
      assert.deepEqual(dry.budgets, done.budgets);
      assert.deepEqual(await remains(uris), uris.map((_uri, index) => ![4, 5, 6].includes(index)));
      assert.deepEqual((await reportOf(site, ['retention'], { env })).budgets.map(({ media_count }) => media_count), [0]);
      await fetchedAgain(uris[4], bodies[4]);
    });

    it('removes nothing else where only what must stay is left, and says how much is too much', async () => {
      const env = { MEDLEY_RETENTION__RULES: '[]', MEDLEY_RETENTION__MAX_REMOTE_BYTES: String(SIZE) };
      const [budget] = (await reportOf(site, ['retention'], { env })).budgets;
      assert.deepEqual([budget?.media_count, budget?.excess_bytes], [4, 3 * SIZE]);
    });
  });

  it('two runs at once take each media once', async () => {
    for (let made = 0; made < 20; made += 1) await user.upload(randomBody(10), { type: LOCAL_TYPE });
    const due = (await reportOf(site, ['retention', '--dry-run'])).rules[0]?.media_count ?? 0;
    const runs = await Promise.all([1, 2].map(() => startMedley(site, ['retention', '--json']).ended));
    const counts = runs.map(({ code, stdout }) => (code === 0 ? (JSON.parse(stdout) as Report).rules[0]?.media_count ?? 0 : 0));
    assert.ok(due >= 20 && counts.reduce((sum, count) => sum + count, 0) === due, JSON.stringify(runs));
    for (const { code, stdout } of runs) assert.ok(code === 0 || stdout.includes('"is_busy":true'), stdout);
  });
}

/** Takes away the copies that other tests have left. */
async function forgetOthers(site: Site, kept: readonly MxcUri[]): Promise<void> {
  const names = new Set<string>(kept.map(({ mediaId }) => mediaId));
  await withMetadata(site, async (rpc) => {
    const { records } = await rpc.listMedia({ filter: { kinds: [MediaKind.REMOTE], origins: [], userIds: [] }, limit: 1000, descending: false, withTotal: false });
    const keys = records.flatMap(({ key }) => (key === undefined || names.has(key.mediaId) ? [] : key));
    if (keys.length > 0) await rpc.deleteMedia({ keys, by: BY });
  });
}

let events = 0;

function stateEvent(type: string, stateKey: string, content: object) {
  events += 1;
  return { roomId: `!retention${events}:e2e.example`, eventId: `$retention${events}`, type, stateKey, sender: '@u:e2e.example', originServerTs: events, content: JSON.stringify(content) };
}

function toKeys(uri: MxcUri | undefined): { origin: string; mediaId: string }[] {
  return uri === undefined ? [] : [{ origin: uri.origin, mediaId: uri.mediaId }];
}

function textOf(uri: MxcUri | undefined): string {
  return uri === undefined ? '' : toMxcText(uri);
}
