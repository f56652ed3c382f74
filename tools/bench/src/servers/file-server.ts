/** The yardstick for large downloads: bare node:http that answers everything with one file, by createReadStream as it comes. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream';
import { serveRequests } from '../harness/worker.ts';
import { listen } from './listen.ts';

serveRequests<{ readonly path: string }>(async ({ path }) => {
  const { size } = await stat(path);
  const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': size };
  const server = createServer((_request, response) => {
    pipeline(createReadStream(path), response.writeHead(200, headers), () => {}); // a client that leaves is no failure
  });
  return listen(server);
});
