import type { Context } from 'koa';

/** How long, and for how much, a sender is listened to that was refused, so that it reads the answer before the connection goes. */
const LINGER_MS = 5000;
const LINGER_BYTES = 16 * 1024 * 1024;

/**
 * Answers with JSON before the request's body has ended. The answer is whole at once, but the connection stays open
 * while the rest of the body is thrown away, for a bounded while: closing at once would reset it, and the sender might
 * lose the answer. Nothing of the body is ever read as a second request.
 */
export function answerThenLinger(context: Context, json: string): void {
  const { req: request, res: response } = context;
  context.respond = false;
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(Buffer.byteLength(json)), Connection: 'close' };
  response.writeHead(context.status, headers);
  response.write(json);
  let leftBytes = LINGER_BYTES;
  const finish = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(finish, LINGER_MS);
  request.removeAllListeners('readable'); // of a reader that gave up; with it nothing would flow
  request.on('data', (chunk: Uint8Array) => {
    leftBytes -= chunk.byteLength;
    if (leftBytes < 0) finish();
  });
  request.once('end', finish).once('close', finish);
  request.on('error', () => {}); // the sender may leave at any time; it has had its answer
  request.resume();
}
