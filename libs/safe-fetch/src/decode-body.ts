import { pipeline, type Duplex } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { limitBytes, type ByteStream } from '@medley/streams/byte-stream';
import { FetchFailure } from './fetch-failure.ts';

type Decode = (source: ByteStream) => ByteStream;

const MAX_CODINGS = 2;
/** What a coding may add to bytes that it cannot make smaller. */
const SLACK_BYTES = 64 * 1024;
/** 8 MiB, all that RFC 8878 lets a decoder of HTTP be asked for. */
const ZSTD_WINDOW_LOG = 23;

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', (source) => through(source, createGunzip())],
  ['x-gzip', (source) => through(source, createGunzip())],
  ['deflate', inflate],
  ['br', (source) => through(source, createBrotliDecompress())],
  ['zstd', (source) => through(source, createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } }))],
]);

/** The decoders for the codings of a body, in the order to apply them. Throws a FetchFailure on unknown ones, and on more than two. */
export function decodersFor(codings: readonly string[]): readonly Decode[] {
  const named = codings.flatMap((value) => value.split(',')).map((coding) => coding.trim().toLowerCase()).filter((coding) => coding !== '' && coding !== 'identity');
  if (named.length > MAX_CODINGS) throw new FetchFailure('ENCODING_REFUSED', `The body is encoded ${named.length} times`);
  return named.reverse().map((coding) => {
    const decode = DECODERS.get(coding);
    if (decode === undefined) throw new FetchFailure('ENCODING_REFUSED', `The body is encoded as ${coding.slice(0, 40)}`);
    return decode;
  });
}

/** Decodes a body piece by piece, so that no more is made than is read. What comes over the wire may not be larger than what may come out. */
export function decodeBody(wire: ByteStream, decoders: readonly Decode[], maxBytes: number): ByteStream {
  if (decoders.length === 0) return wire;
  return decoders.reduce<ByteStream>((source, decode) => decode(source), limitBytes(wire, maxBytes + SLACK_BYTES));
}

async function* through(source: ByteStream, decoder: Duplex): AsyncGenerator<Uint8Array> {
  // whoever reads hears of a failure by reading
  yield* pipeline(source, decoder, () => {});
}

/** Some servers mean the bare format by `deflate`; that of zlib begins with an 8 in its low half byte. */
async function* inflate(source: ByteStream): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  const isZlib = ((first.value[0] ?? 0) & 0x0f) === 8;
  yield* through(rest(), isZlib ? createInflate() : createInflateRaw());
}
