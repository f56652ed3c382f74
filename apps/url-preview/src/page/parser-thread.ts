/** The thread that parses. It gets pages from ParserPool, one at a time, and may be ended at any moment. */
import { parentPort } from 'node:worker_threads';
import { parsePage } from './parse-page.ts';

parentPort?.on('message', ({ bytes, contentType }: { readonly bytes: Uint8Array; readonly contentType: string }) => {
  parentPort?.postMessage(parsePage(bytes, contentType));
});
