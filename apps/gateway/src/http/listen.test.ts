import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { listen, type Listening } from './listen.ts';

const SOCKETS = 64;
const NEWCOMERS = 64;
const REQUEST = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';
const SHARED = { skip: process.platform === 'linux' ? false : 'only Linux shares a port in turn' };

interface Scene extends Listening {
  readonly server: Server;
  readonly port: number;
  /** Everybody who has asked and was not answered yet. */
  readonly waiting: ServerResponse[];
}

async function start(t: TestContext, { sockets = SOCKETS, maxConnections = 1000, port = 0 } = {}): Promise<Scene> {
  const waiting: ServerResponse[] = [];
  const server = createServer((_request, response) => void waiting.push(response));
  server.maxConnections = maxConnections;
  const listening = await listen(server, { host: '127.0.0.1', port, max_connections: maxConnections, sockets });
  t.after(() => listening.drain(0));
  return { ...listening, server, port: Number(new URL(listening.url).port), waiting };
}

function connectMany(t: TestContext, port: number, count: number): readonly Socket[] {
  const connections = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}));
  t.after(() => connections.forEach((connection) => connection.destroy()));
  return connections;
}

/** In how many turns of the loop the server has taken all newcomers. */
async function turnsToTake(t: TestContext, { server, port }: Scene): Promise<number> {
  let taken = 0;
  server.on('connection', () => taken += 1);
  connectMany(t, port, NEWCOMERS);
  let turns = 0;
  for (; taken < NEWCOMERS; turns += 1) await turn();
  return turns;
}

/** Resolves however it ended. */
function closed(connection: Socket): Promise<void> {
  return new Promise((resolve) => connection.once('close', () => resolve()));
}

/** Asks over so many new connections, and resolves with them once the server has heard all. */
async function ask(t: TestContext, { port, waiting }: Scene, count: number): Promise<readonly Socket[]> {
  const connections = connectMany(t, port, count);
  for (const connection of connections) connection.write(REQUEST);
  while (waiting.length < count) await turn();
  return connections;
}

describe('listening', SHARED, () => {
  it('takes many newcomers in one turn of the loop, which one socket alone does not', async (t) => {
    const one = await turnsToTake(t, await start(t, { sockets: 1 }));
    assert.ok(one >= NEWCOMERS, `${one}`);
    const many = await turnsToTake(t, await start(t));
    assert.ok(many < NEWCOMERS / 2, `${many}`);
  });

  it('has no more connections than it may, whichever socket they came by, and takes others once one has ended', async (t) => {
    const scene = await start(t, { maxConnections: 10 });
    const connections = connectMany(t, scene.port, 40);
    const ended = new Set<Socket>();
    for (const connection of connections) {
      connection.on('close', () => ended.add(connection));
      connection.write(REQUEST);
    }
    while (ended.size < 30 || scene.waiting.length < 10) await turn();
    const gone = Promise.all(scene.waiting.map(({ socket }) => socket && closed(socket)));
    for (const connection of connections) connection.destroy();
    await gone;
    assert.equal(scene.waiting.splice(0).length, 10);
    await ask(t, scene, 10);
  });

  it('does not begin where another program listens, however many sockets that has', async (t) => {
    for (const sockets of [1, SOCKETS]) {
      const { port } = await start(t, { sockets });
      await assert.rejects(start(t, { port }), { code: 'EADDRINUSE' });
      await assert.rejects(start(t, { port, sockets: 1 }), { code: 'EADDRINUSE' });
    }
  });

  it('ends once everybody was answered, and takes nobody meanwhile', async (t) => {
    const scene = await start(t);
    const connections = await ask(t, scene, 20);
    const drained = scene.drain(60_000);
    for (let tries = 0; tries < SOCKETS; tries += 1) {
      const [late] = connectMany(t, scene.port, 1) as [Socket];
      await closed(late);
      assert.equal(late.bytesRead, 0);
    }
    const answers = Promise.all(connections.map((connection) => once(connection, 'data')));
    for (const response of scene.waiting) response.end('answered');
    for (const [answer] of await answers) assert.match(String(answer), /answered/);
    await drained;
  });

  it('cuts whoever is not done when the time is over', async (t) => {
    const scene = await start(t);
    const connections = await ask(t, scene, 20);
    const cut = Promise.all(connections.map(closed));
    await scene.drain(1);
    await cut;
  });
});
