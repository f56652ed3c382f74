import type { ClamavConfig } from '@medley/config/clamav';
import { MediaError } from '@medley/domain/media-error';
import type { ByteStream } from '@medley/streams/byte-stream';
import { Conversation } from './conversation.ts';

/** `stream: Win.Test.EICAR_HDB-1 FOUND` */
const FOUND = /^stream: (?<name>.+) FOUND$/;
const CLEAN = 'stream: OK';
const TOO_LARGE = /size limit exceeded/i;
const LENGTH_BYTES = 4;

/** ClamAV's daemon, by its protocol: one connection for each command (clamd(8)). */
export class Clamd {
  readonly #config: ClamavConfig;

  constructor(config: ClamavConfig) {
    this.#config = config;
  }

  /** What it is, and from when its signatures are: `ClamAV 1.4.3/27500/…`. Fails with SERVICE_UNAVAILABLE, TIMED_OUT, or the signal's reason. */
  async version(signal: AbortSignal): Promise<string> {
    await using conversation = await Conversation.open(this.#config, signal);
    await conversation.write(toCommand('VERSION'));
    const version = await conversation.readReply();
    if (!version.startsWith('ClamAV')) throw unexpected(version);
    return version;
  }

  /**
   * What it finds in these bytes; undefined if nothing. It may answer before it has read all. Fails as `version` does, with TOO_LARGE where
   * clamd takes no more, with UPLOAD_INCOMPLETE where it breaks off, and as `bytes` does; then clamd was told of no end.
   */
  async scan(bytes: ByteStream, signal: AbortSignal): Promise<string | undefined> {
    await using conversation = await Conversation.open(this.#config, signal);
    await conversation.write(toCommand('INSTREAM'));
    const hasTakenAll = await sendChunks(conversation, bytes);
    if (hasTakenAll) await conversation.write(toLength(0));
    const reply = await conversation.readReply();
    if (reply === CLEAN && !hasTakenAll) throw unexpected(reply); // of what it was not sent it can't know
    return readFinding(reply);
  }
}

/** Whether clamd took them all; it may have said already what it thinks. */
async function sendChunks(conversation: Conversation, bytes: ByteStream): Promise<boolean> {
  for await (const chunk of bytes) {
    if (conversation.hasReply) return false;
    if (chunk.byteLength === 0) continue; // would say that this is all
    await conversation.write(Buffer.concat([toLength(chunk.byteLength), chunk]));
  }
  return !conversation.hasReply;
}

function toCommand(name: string): Buffer {
  return Buffer.from(`z${name}\0`);
}

function toLength(length: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES);
  bytes.writeUInt32BE(length);
  return bytes;
}

function readFinding(reply: string): string | undefined {
  if (reply === CLEAN) return undefined;
  const name = FOUND.exec(reply)?.groups?.['name'];
  if (name !== undefined) return name;
  if (TOO_LARGE.test(reply)) throw new MediaError('TOO_LARGE', 'Larger than clamd takes; see its StreamMaxLength');
  throw unexpected(reply);
}

function unexpected(reply: string): MediaError {
  return new MediaError('SERVICE_UNAVAILABLE', 'clamd did not answer as expected', { cause: new Error(JSON.stringify(reply.slice(0, 200))) });
}
