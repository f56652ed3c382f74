import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { RawConnection, sendRaw } from './raw-http.ts';

async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it('reads a response with a length and one in chunks over one connection', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/length') response.setHeader('content-length', 5);
    response.write('he');
    response.end('llo');
  });
  using connection = await RawConnection.open(server.port);
  await connection.write('GET /length HTTP/1.1\r\nHost: x\r\n\r\nGET /chunks HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.equal((await connection.readResponse()).body.toString(), 'hello');
  const second = await connection.readResponse();
  assert.equal(second.headers.get('transfer-encoding'), 'chunked');
  assert.equal(second.body.toString(), 'hello');
});

it('fails when the connection ends before the response is whole', async () => {
  await using server = await serve((request) => {
    request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  });
  await assert.rejects(sendRaw(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /ended before a response body/);
});
