import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { toMxcText } from '@medley/domain/mxc-uri';
import { assertError, assertJson } from '../harness/expect.ts';
import { call, type Answer, type CallOptions } from '../harness/http-call.ts';
import { HS_TOKEN } from '../harness/site.ts';
import type { System } from '../harness/system.ts';

const APP = '/_matrix/app/v1';

type Event = Readonly<Record<string, unknown>>;

/** What a homeserver pushes to its appservices: events for the room index. */
export function describeAppservice(system: System): void {
  describe('appservice', () => {
    callers(system);
    transactions(system);
    badTransactions(system);
    admins(system);
  });
}

/** As the homeserver calls. */
function ask({ site }: System, path: string, options: CallOptions = {}): Promise<Answer> {
  return call({ port: site.ports.http, agent: site.agent }, `${APP}${path}`, { token: HS_TOKEN, ...options });
}

function push(system: System, body: object | string, txnId: string = randomUUID()): Promise<Answer> {
  return ask(system, `/transactions/${txnId}`, { method: 'PUT', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

async function indexed({ site }: System, roomId: string): Promise<string[]> {
  const { rpc, close } = site.connectMetadata();
  try {
    return (await rpc.listRoomMedia({ roomId, limit: 1000 })).uses.map(({ key }) => (key === undefined ? '' : toMxcText(key)));
  } finally {
    close();
  }
}

function callers(system: System): void {
  const calls = [['PUT', '/transactions/1'], ['POST', '/ping'], ['GET', '/users/@a:e2e.example'], ['GET', '/rooms/%23a:e2e.example']] as const;
  for (const [method, path] of calls) {
    it(`lets only the homeserver call ${method} ${path}`, async () => {
      const body = method === 'GET' ? {} : { body: '{"events":[]}' };
      assertError(await ask(system, path, { method, ...body, token: undefined }), 401, 'M_MISSING_TOKEN');
      assertError(await ask(system, path, { method, ...body, token: `${HS_TOKEN}x` }), 403, 'M_FORBIDDEN');
      assertError(await ask(system, path, { method, ...body, token: system.site.user().account.token }), 403, 'M_FORBIDDEN');
    });
  }

  it('takes the token of older homeservers in the query, beside the header or alone', async () => {
    const body = '{"events":[]}';
    for (const token of [HS_TOKEN, undefined]) {
      assert.deepEqual(assertJson(await ask(system, '/transactions/1', { method: 'PUT', body, token, query: { access_token: HS_TOKEN } })), {});
    }
    assertError(await ask(system, '/transactions/1', { method: 'PUT', body, token: undefined, query: { access_token: 'x' } }), 403, 'M_FORBIDDEN');
  });

  it('answers a ping, and has neither users nor rooms', async () => {
    assert.deepEqual(assertJson(await ask(system, '/ping', { method: 'POST', body: '{"transaction_id":"x"}' })), {});
    assertError(await ask(system, '/users/@a:e2e.example'), 404, 'M_NOT_FOUND');
    assertError(await ask(system, '/rooms/%23a:e2e.example'), 404, 'M_NOT_FOUND');
    assertError(await ask(system, '/thirdparty/protocol/x'), 404, 'M_UNRECOGNIZED');
    assertError(await ask(system, '/transactions/1', { method: 'POST', body: '{}' }), 405, 'M_UNRECOGNIZED');
  });
}

function transactions(system: System): void {
  it('has indexed the events of a transaction when it answers, and takes it again', async () => {
    const roomId = ownRoom();
    const [first, second] = [ownMxc(), ownMxc()];
    const events = [message(roomId, { url: first }), message(roomId, { file: { url: second } }), message(roomId, { body: 'text' })];
    const txnId = randomUUID();
    for (let again = 0; again < 2; again += 1) {
      assert.deepEqual(assertJson(await push(system, { events, ephemeral: [{}], 'de.sorunome.msc2409.to_device': [{}] }, txnId)), {});
      assert.deepEqual((await indexed(system, roomId)).sort(), [first, second].sort());
    }
  });

  it('takes away what is redacted, in both forms, and what newer state replaces', async () => {
    const roomId = ownRoom();
    const [one, two, kept] = [message(roomId, { url: ownMxc() }), message(roomId, { url: ownMxc() }), ownMxc()];
    const avatar = (url: string, at: number) => ({ ...message(roomId, { url }), type: 'm.room.avatar', state_key: '', origin_server_ts: at });
    await push(system, { events: [one, two, avatar(ownMxc(), 1)] });
    const redactions = [{ ...message(roomId, {}), type: 'm.room.redaction', redacts: one['event_id'] }, { ...message(roomId, { redacts: two['event_id'] }), type: 'm.room.redaction' }];
    await push(system, { events: [...redactions, avatar(kept, 2)] });
    assert.deepEqual(await indexed(system, roomId), [kept]);
  });

  it('takes a transaction of many large events', async () => {
    const roomId = ownRoom();
    const uris = Array.from({ length: 100 }, ownMxc);
    const events = uris.map((url) => message(roomId, { url, body: 'é'.repeat(30_000) }));
    assertJson(await push(system, { events }));
    assert.deepEqual((await indexed(system, roomId)).sort(), uris.sort());
  });

  it('passes over what is no event, and takes the others', async () => {
    const roomId = ownRoom();
    const [uri, event] = [ownMxc(), message(roomId, { url: ownMxc() })];
    const bad = [null, 5, 'x', [], {}, { ...event, content: 'x' }, { ...event, room_id: 5 }, { ...event, event_id: 'a b' }, { ...event, sender: '' },
      { ...event, origin_server_ts: -1 }, { ...event, origin_server_ts: 1.5 }, { ...event, origin_server_ts: 2 ** 60 }, { ...event, state_key: 5 }, { ...event, type: 'x'.repeat(2000) }];
    assertJson(await push(system, { events: [...bad, message(roomId, { url: uri }), ...bad] }));
    assert.deepEqual(await indexed(system, roomId), [uri]);
  });
}

function badTransactions(system: System): void {
  it('refuses a body that is no transaction', async () => {
    assertError(await push(system, '{"events":['), 400, 'M_NOT_JSON');
    assertError(await push(system, '[]'), 400, 'M_BAD_JSON');
    assertError(await push(system, '{}'), 400, 'M_BAD_JSON');
    assertError(await push(system, '{"events":{}}'), 400, 'M_BAD_JSON');
    assertError(await push(system, `{"events":["${'x'.repeat(17 * 2 ** 20)}"]}`), 413, 'M_TOO_LARGE');
  });
}

function admins(system: System): void {
  it('is what the list of a room’s media is made of, with what the homeserver knows', async () => {
    const { site } = system;
    const [roomId, pushed, known] = [ownRoom(), ownMxc(), `mxc://${site.serverName}/${randomUUID()}`];
    await push(system, { events: [message(roomId, { info: { thumbnail_file: { url: pushed } } })] });
    site.homeserver.setRoomMedia(roomId, { local: [known, known], remote: [pushed] });
    const answer = await site.user(site.homeserver.addAdmin()).call(`/_synapse/admin/v1/room/${encodeURIComponent(roomId)}/media`);
    assert.deepEqual(assertJson(answer), { local: [known], remote: [pushed] });
  });
}

function ownRoom(): string {
  return `!${randomUUID()}:e2e.example`;
}

function ownMxc(): string {
  return `mxc://remote.example/${randomUUID()}`;
}

function message(roomId: string, content: object): Event {
  return { type: 'm.room.message', room_id: roomId, event_id: `$${randomUUID()}`, sender: '@a:e2e.example', origin_server_ts: 1_700_000_000_000, content, unsigned: { age: 5 } };
}
