import { createHash } from 'node:crypto';
import { resolveConfig } from '@medley/config/load';
import type { ContentScannerConfig } from '@medley/config/content-scanner';
import { MediaError } from '@medley/domain/media-error';
import { serveGrpc, type CallContext } from '@medley/grpc/server';
import { ContentScannerServiceDefinition, type ScanRequest, type ScanResponse, type ScanSubject } from '@medley/proto/content-scanner';
import type { ListMediaRequest, ListMediaResponse } from '@medley/proto/metadata/catalog';
import type { MediaRecord } from '@medley/proto/metadata/media';
import type { ReleaseLeaseResponse, TakeLeaseResponse } from '@medley/proto/metadata/jobs';
import type { SetQuarantineRequest, SetQuarantineResponse } from '@medley/proto/metadata/moderation';
import { VerdictState, type GetVerdictRequest, type GetVerdictResponse, type ListVerdictsRequest, type ListVerdictsResponse, type PutVerdictRequest, type PutVerdictResponse, type Verdict } from '@medley/proto/metadata/verdicts';
import { fromBytes, type ByteStream } from '@medley/streams/byte-stream';
import { quietTelemetry } from '@medley/testing/telemetry';
import { ContentScanning, type ReadBlob, type StoredSubject } from './scanning.ts';

export const NEVER = new AbortController().signal;
export const CLEAN: ScanResponse = { isClean: true, finding: '' };
export const REJECTED: ScanResponse = { isClean: false, finding: 'Eicar' };

/** What the fake scanner does with one call. */
export type Behaviour = (parts: AsyncIterable<ScanRequest>, context: CallContext) => Promise<ScanResponse>;

/** A real gRPC server that scans as a test says. */
export interface FakeScanner extends AsyncDisposable {
  readonly address: string;
  /** What its calls have got: the subject, the bytes, and whether the end came. */
  readonly calls: Received[];
  name: string;
  describe: () => Promise<void>;
  scan: Behaviour;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface Received {
  subject: ScanSubject | undefined;
  bytes: number;
  largestChunk: number;
  total: number | undefined;
}

/** Reads all, and then says `answer`. */
export function saying(answer: ScanResponse): Behaviour {
  return async (parts) => {
    for await (const _ of parts);
    return answer;
  };
}

export async function startScanner(scan: Behaviour = saying(CLEAN)): Promise<FakeScanner> {
  const serve = (listen: string) => serveGrpc({
    service: ContentScannerServiceDefinition, listen, ...quietTelemetry(),
    implementation: {
      scan: (request, context) => scanner.scan(noting(request, scanner.calls), context),
      describe: async () => {
        await scanner.describe();
        return { scanner: scanner.name };
      },
    },
  });
  let server = await serve('127.0.0.1:0');
  const scanner: FakeScanner = {
    address: server.address, calls: [], name: 'fake 1', describe: async () => {}, scan,
    stop: () => server.stop(0),
    start: async () => void (server = await serve(scanner.address)),
    [Symbol.asyncDispose]: () => server.stop(0),
  };
  return scanner;
}

function noting(parts: AsyncIterable<ScanRequest>, calls: Received[]): AsyncIterable<ScanRequest> {
  const call: Received = { subject: undefined, bytes: 0, largestChunk: 0, total: undefined };
  calls.push(call);
  return passOn(parts, call);
}

async function* passOn(parts: AsyncIterable<ScanRequest>, call: Received): AsyncGenerator<ScanRequest> {
  for await (const request of parts) {
    const { part } = request;
    if (part?.$case === 'subject') call.subject = part.value;
    if (part?.$case === 'end') call.total = part.value.totalBytes;
    if (part?.$case === 'chunk') {
      call.bytes += part.value.byteLength;
      call.largestChunk = Math.max(call.largestChunk, part.value.byteLength);
    }
    yield request;
  }
}

/** What metadata keeps for scanning, with the same rules, in memory. */
export class FakeVerdicts {
  readonly judged = new Map<string, Verdict>();
  readonly pending = new Map<string, Verdict>();
  readonly quarantines: SetQuarantineRequest[] = [];
  readonly records: MediaRecord[] = [];
  /** When what is put from now on is said to have been put. */
  now = 0;
  /** In the order in which they came. */
  readonly acts: string[] = [];

  async getVerdict({ digest }: GetVerdictRequest): Promise<GetVerdictResponse> {
    return { verdict: this.judged.get(digest) ?? this.pending.get(digest) };
  }

  async putVerdict({ verdict }: PutVerdictRequest): Promise<PutVerdictResponse> {
    if (verdict === undefined) throw new MediaError('INVALID_PARAM', 'verdict is missing');
    const { digest, state, scanner } = verdict;
    this.acts.push(`put ${state}`);
    const known = this.judged.get(digest);
    const kept = { ...verdict, atMs: this.now };
    if (state === VerdictState.PENDING && !(known?.scanner === scanner && known.state !== VerdictState.PASSED)) this.pending.set(digest, kept);
    if (state === VerdictState.PASSED && known === undefined) this.judged.set(digest, kept);
    if (state === VerdictState.CLEAN || state === VerdictState.REJECTED) this.judged.set(digest, kept);
    if (state !== VerdictState.PENDING && state !== VerdictState.PASSED) this.pending.delete(digest);
    return this.getVerdict({ digest });
  }

  async listVerdicts({ limit, afterDigest = '' }: ListVerdictsRequest): Promise<ListVerdictsResponse> {
    const all = [...this.pending.values()].filter(({ digest }) => digest > afterDigest).toSorted((first, second) => (first.digest < second.digest ? -1 : 1));
    return { verdicts: all.slice(0, limit) };
  }

  async setQuarantine(request: SetQuarantineRequest): Promise<SetQuarantineResponse> {
    this.acts.push('quarantine');
    this.quarantines.push(request);
    return { affectedCount: 0 };
  }

  async listMedia({ filter }: ListMediaRequest): Promise<ListMediaResponse> {
    return { records: this.records.filter(({ content }) => content?.digest === filter?.digest), next: undefined, totalCount: undefined };
  }

  async takeLease(): Promise<TakeLeaseResponse> {
    return { granted: true, untilMs: Date.now() + 60_000 };
  }

  async releaseLease(): Promise<ReleaseLeaseResponse> {
    return {};
  }
}

/** Scanning between a fake scanner and fake verdicts, of bytes that a test has. */
export interface Scene extends AsyncDisposable {
  readonly scanner: FakeScanner;
  readonly metadata: FakeVerdicts;
  readonly scanning: ContentScanning;
  readonly config: ContentScannerConfig;
  /** Bytes that can be read from now on. */
  put(text: string, changes?: Partial<StoredSubject>): StoredSubject;
  read: ReadBlob;
}

export async function startScene(raw: Readonly<Record<string, unknown>> = {}, scan?: Behaviour): Promise<Scene> {
  const scanner = await startScanner(scan);
  const config = await toConfig({ address: scanner.address, ...raw });
  const metadata = new FakeVerdicts();
  const blobs = new Map<string, Buffer>();
  const read: ReadBlob = async ({ digest }): Promise<ByteStream> => {
    const bytes = blobs.get(digest);
    if (bytes === undefined) throw new MediaError('BLOB_CORRUPT', 'The bytes of this media are lost');
    return fromBytes(bytes);
  };
  const scanning = new ContentScanning(config, { metadata, read: (blob, signal) => scene.read(blob, signal), ...quietTelemetry() });
  const scene: Scene = {
    scanner, metadata, scanning, config, read,
    put: (text, changes) => {
      const bytes = Buffer.from(text);
      const digest = createHash('sha256').update(bytes).digest('hex');
      blobs.set(digest, bytes);
      return { digest, sizeBytes: bytes.byteLength, contentType: 'text/plain', origin: 'a.example', userId: '@u:a.example', store: '', ...changes };
    },
    async [Symbol.asyncDispose]() {
      await scanning[Symbol.asyncDispose]();
      await scanner[Symbol.asyncDispose]();
    },
  };
  return scene;
}

async function toConfig(raw: Readonly<Record<string, unknown>>): Promise<ContentScannerConfig> {
  const { content_scanner } = await resolveConfig({ homeservers: [{ server_name: 'a.example' }], content_scanner: raw }, {});
  if (content_scanner === undefined) throw new Error('there is a scanner');
  return content_scanner;
}
