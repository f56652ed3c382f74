/** The yardstick for small downloads: bare node:http that answers everything with the same bytes from memory. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { serveRequests } from '../harness/worker.ts';
import { listen } from './listen.ts';

serveRequests<{ readonly sizeBytes: number }>(async ({ sizeBytes }) => {
  const body = randomBytes(sizeBytes);
  const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': body.byteLength };
  return listen(createServer((_request, response) => void response.writeHead(200, headers).end(body)));
});
