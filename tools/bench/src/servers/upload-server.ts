/**
 * The yardstick for uploads: bare node:http that hashes a body, writes it with storage's own write code, fsyncs it and
 * renames it, alone.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { StagingFile } from '../../../../apps/storage/src/adapters/filesystem/staging-file.ts';
import { serveRequests } from '../harness/worker.ts';
import { listen } from './listen.ts';

serveRequests<{ readonly folder: string }>(async ({ folder }) => {
  return listen(createServer((request, response) => {
    receive(request, response, folder).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  }));
});

async function receive(request: IncomingMessage, response: ServerResponse, folder: string): Promise<void> {
  await using staged = await StagingFile.create(join(folder, randomUUID()));
  const stored = await staged.write(request);
  await staged.publish(join(folder, stored.digest));
  const answer = JSON.stringify(stored);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length }).end(answer);
}
