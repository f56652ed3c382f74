import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { eventually } from './eventually.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Answers every line with the same in capitals, and remembers what it was told. */
const heard: string[] = [];
const target = createServer((socket) => {
  socket.on('error', () => {}).on('data', (bytes) => {
    heard.push(String(bytes));
    socket.write(String(bytes).toUpperCase());
  });
});

describe('TcpProxy', () => {
  let proxy: TcpProxy;
  before(async () => {
    await once(target.listen(0, '127.0.0.1'), 'listening');
    proxy = await TcpProxy.start((target.address() as AddressInfo).port);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    target.close();
  });
  beforeEach(() => {
    proxy.mode = 'pass';
    proxy.delayMs = 0;
    heard.length = 0;
  });

  /** Asks the target past the proxy: what went through it would have come by then. */
  async function roundPast(server: typeof target): Promise<void> {
    const direct = connect((server.address() as AddressInfo).port, '127.0.0.1');
    direct.write('direct');
    await once(direct, 'data');
    direct.destroy();
  }

  async function open(): Promise<{ socket: Socket; said: string[] }> {
    const socket = connect(proxy.port, '127.0.0.1').on('error', () => {});
    const said: string[] = [];
    socket.on('data', (bytes) => said.push(String(bytes)));
    await once(socket, 'connect');
    return { socket, said };
  }

  it('passes on what both sides say', async () => {
    const { socket, said } = await open();
    socket.write('hello');
    await eventually(() => assert.deepEqual(said, ['HELLO']));
    socket.destroy();
  });

  it('resets open connections and new ones while it refuses', async () => {
    const { socket } = await open();
    proxy.mode = 'refuse';
    await eventually(() => assert.ok(socket.destroyed));
    const second = connect(proxy.port, '127.0.0.1').on('error', () => {});
    await eventually(() => assert.ok(second.destroyed));
    assert.deepEqual(heard, []);
  });

  it('holds everything while it is frozen, and lets it through afterwards', async () => {
    const { socket, said } = await open();
    proxy.mode = 'freeze';
    socket.write('later');
    await roundPast(target);
    assert.deepEqual(said, []);
    proxy.mode = 'pass';
    await eventually(() => assert.deepEqual(said, ['LATER']));
    socket.destroy();
  });

  it('delivers and throws the answers away', async () => {
    const { socket, said } = await open();
    proxy.mode = 'lose-replies';
    socket.write('told');
    await eventually(() => assert.deepEqual(heard, ['told']));
    proxy.mode = 'pass';
    socket.write('again');
    await eventually(() => assert.deepEqual(said, ['AGAIN']));
    socket.destroy();
  });

  it('delays answers', async () => {
    const { socket, said } = await open();
    proxy.delayMs = 50;
    const startedAt = performance.now();
    socket.write('slow');
    await eventually(() => assert.deepEqual(said, ['SLOW']));
    assert.ok(performance.now() - startedAt >= 45);
    socket.destroy();
  });
});
