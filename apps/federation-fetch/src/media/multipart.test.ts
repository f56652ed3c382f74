import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toMultipart, toRedirect } from '@medley/testing/fake-remote-multipart';
import type { ByteStream } from '@medley/streams/byte-stream';
import { boundaryOf, openMultipart } from './multipart.ts';

const FILE = Buffer.from('the \r\n file --b \u0000 \r\n--');
const JSON_PART = 'Content-Type: application/json\r\n\r\n{}';

async function* inPieces(bytes: Uint8Array, pieceBytes: number): ByteStream & AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function read(bytes: Uint8Array, boundary = 'b', pieceBytes = bytes.byteLength) {
  const { headers, body } = await openMultipart(inPieces(bytes, Math.max(1, pieceBytes)), boundary);
  return { headers: Object.fromEntries(headers), file: Buffer.concat(await Array.fromAsync(body)) };
}

function answer(...pieces: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
}

/** What servers are known to send, or may. */
const DIALECTS: Readonly<Record<string, Buffer>> = {
  'as Synapse writes it': toMultipart({ bytes: FILE, contentType: 'image/png' }, 'b').body,
  'without the leading line end': answer(`--b\r\n${JSON_PART}\r\n--b\r\nContent-Type: image/png\r\n\r\n`, FILE, '\r\n--b--\r\n'),
  'without the last line end': answer(`--b\r\n${JSON_PART}\r\n--b\r\nContent-Type: image/png\r\n\r\n`, FILE, '\r\n--b--'),
  'with names in lower case': answer('--b\r\ncontent-type:application/json\r\n\r\n{}\r\n--b\r\ncontent-type:image/png\r\n\r\n', FILE, '\r\n--b--'),
  'with names in upper case': answer('--b\r\nCONTENT-TYPE: APPLICATION/JSON\r\n\r\n{}\r\n--b\r\nCONTENT-TYPE: image/png\r\n\r\n', FILE, '\r\n--b--'),
  'with a charset in the first part': answer('--b\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{}\r\n--b\r\nContent-Type: image/png\r\n\r\n', FILE, '\r\n--b--'),
  'with more headers, in another order': answer('--b\r\nX-Any: 1\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\nX-Any: 1\r\nContent-Type: image/png\r\n\r\n', FILE, '\r\n--b--'),
  'with a folded header': answer(`--b\r\n${JSON_PART}\r\n--b\r\nContent-Type:\r\n image/png\r\n\r\n`, FILE, '\r\n--b--'),
  'with unknown keys in the JSON': answer('--b\r\nContent-Type: application/json\r\n\r\n{"restrictions": {}}\r\n--b\r\nContent-Type: image/png\r\n\r\n', FILE, '\r\n--b--'),
  'with a preamble and an epilogue': answer(`hello\r\n--b\r\n${JSON_PART}\r\n--b\r\nContent-Type: image/png\r\n\r\n`, FILE, '\r\n--b--\r\nbye\r\n'),
  'with white space after the delimiters': answer(`--b \t\r\n${JSON_PART}\r\n--b \r\nContent-Type: image/png\r\n\r\n`, FILE, '\r\n--b-- \r\n'),
  'ending with a delimiter that is not closed': answer(`--b\r\n${JSON_PART}\r\n--b\r\nContent-Type: image/png\r\n\r\n`, FILE, '\r\n--b'),
  'ending with a delimiter that is not closed, and a line end': answer(`--b\r\n${JSON_PART}\r\n--b\r\nContent-Type: image/png\r\n\r\n`, FILE, '\r\n--b\r\n'),
};

describe('an answer in two parts', () => {
  for (const [name, bytes] of Object.entries(DIALECTS)) {
    for (const pieceBytes of [1, 2, 7, bytes.byteLength]) {
      it(`is read ${name}, in pieces of ${pieceBytes} bytes`, async () => {
        const { headers, file } = await read(bytes, 'b', pieceBytes);
        assert.equal(headers['content-type'], 'image/png');
        assert.deepEqual(file, FILE);
      });
    }
  }

  const files = { 'no byte': '', 'a line end': '\r\n', 'what begins like a delimiter': '--bx', 'what begins like one in its middle': 'a\r\n--bx\r\n--b-\r\n--b \tx\r\n--', 'a delimiter of one letter less': '\r\n--' };
  for (const [name, text] of Object.entries(files)) {
    it(`may hold ${name}`, async () => {
      for (const pieceBytes of [1, 3, 1000]) {
        const { file } = await read(toMultipart({ bytes: Buffer.from(text) }, 'b').body, 'b', pieceBytes);
        assert.equal(file.toString(), text);
      }
    });
  }

  it('may hold nothing, without an empty line of its own', async () => {
    assert.equal((await read(answer(`--b\r\n${JSON_PART}\r\n--b\r\nContent-Type: image/png\r\n\r\n--b--`))).file.byteLength, 0);
  });

  it('may have a second part without headers', async () => {
    assert.deepEqual(await read(answer(`--b\r\n${JSON_PART}\r\n--b\r\n\r\n`, FILE, '\r\n--b--')), { headers: {}, file: FILE });
  });

  it('may say where the media is', async () => {
    const { headers, file } = await read(toRedirect('https://cdn.example.com/a?b=c', 'b').body);
    assert.deepEqual(headers, { location: 'https://cdn.example.com/a?b=c' });
    assert.equal(file.byteLength, 0);
  });

  it('keeps a nested multipart, and encodings of its part, as they are', async () => {
    const nested = Buffer.from('--c\r\n\r\nx\r\n--c--\r\n');
    assert.deepEqual((await read(answer(`--b\r\n${JSON_PART}\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n`, nested, '\r\n--b--'))).file, nested);
  });

  it('is read in linear time whatever it holds', async () => {
    const evil = Buffer.from('\r\n--bound '.repeat(200_000));
    const { file } = await read(toMultipart({ bytes: evil }, 'boundary').body, 'boundary', 65_536);
    assert.equal(file.byteLength, evil.byteLength);
  });
});

/** What is refused, each for a reason of its own. */
const REFUSED: Readonly<Record<string, Buffer | string>> = {
  'of no parts': '--b--\r\n',
  'of one part': `--b\r\n${JSON_PART}\r\n--b--\r\n`,
  'of three parts': `--b\r\n${JSON_PART}\r\n--b\r\n\r\nfile\r\n--b\r\n\r\nmore\r\n--b--\r\n`,
  'that is empty': '',
  'without any boundary': 'just a file',
  'cut in its first part': `--b\r\n${JSON_PART}`,
  'cut in its headers': `--b\r\n${JSON_PART}\r\n--b\r\nContent-Type: ima`,
  'cut in its file': `--b\r\n${JSON_PART}\r\n--b\r\n\r\nfil`,
  'cut in its closing boundary': `--b\r\n${JSON_PART}\r\n--b\r\n\r\nfile\r\n--`,
  'with lines that end in LF': `--b\n${JSON_PART.replaceAll('\r', '')}\n--b\n\nfile\n--b--\n`,
  'with headers that end in LF': '--b\r\nContent-Type: application/json\nA: b\r\n\r\n{}\r\n--b\r\n\r\nfile\r\n--b--\r\n',
  'with a first part that is not JSON': '--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b\r\n\r\nfile\r\n--b--\r\n',
  'with a first part that says to be JSON': '--b\r\nContent-Type: application/json\r\n\r\n{\r\n--b\r\n\r\nfile\r\n--b--\r\n',
  'with a first part that is an array': '--b\r\nContent-Type: application/json\r\n\r\n[]\r\n--b\r\n\r\nfile\r\n--b--\r\n',
  'with 1 MiB of JSON': `--b\r\nContent-Type: application/json\r\n\r\n{"a":"${'x'.repeat(2 ** 20)}"}\r\n--b\r\n\r\nfile\r\n--b--\r\n`,
  'with a preamble of 10 KiB': `${'x'.repeat(10_240)}\r\n--b\r\n${JSON_PART}\r\n--b\r\n\r\nfile\r\n--b--\r\n`,
  'with an epilogue of 10 KiB': `--b\r\n${JSON_PART}\r\n--b\r\n\r\nfile\r\n--b--\r\n${'x'.repeat(10_240)}`,
  'with a header of 1 MiB': `--b\r\n${JSON_PART}\r\n--b\r\nA: ${'x'.repeat(2 ** 20)}\r\n\r\nfile\r\n--b--\r\n`,
  'with 100 headers': `--b\r\n${JSON_PART}\r\n--b\r\n${'A: b\r\n'.repeat(100)}\r\nfile\r\n--b--\r\n`,
  'with a header without a colon': `--b\r\n${JSON_PART}\r\n--b\r\nContent-Type image/png\r\n\r\nfile\r\n--b--\r\n`,
};

describe('an answer that is no good', () => {
  for (const [name, bytes] of Object.entries(REFUSED)) {
    it(`is refused ${name}`, async () => {
      for (const pieceBytes of [bytes.length < 2000 ? 1 : 64, 1024, 2 ** 21]) await assert.rejects(read(Buffer.from(bytes), 'b', pieceBytes), { reason: 'FETCH_FAILED' });
    });
  }
});

describe('the boundary of a type', () => {
  const boundaries = {
    'multipart/mixed; boundary=abc': 'abc',
    'multipart/mixed;boundary=abc; charset=x': 'abc',
    'Multipart/Mixed; Boundary="a b:c"; x=y': 'a b:c',
    'multipart/mixed; x="boundary=no"; boundary="a\\?"': 'a?',
  };
  for (const [type, boundary] of Object.entries(boundaries)) it(`of ${type} is ${boundary}`, () => assert.equal(boundaryOf(type), boundary));

  for (const type of ['multipart/mixed', 'multipart/mixed; boundary=', `multipart/mixed; boundary=${'x'.repeat(71)}`, 'multipart/mixed; boundary="a "', 'multipart/mixed; boundary=ä']) {
    it(`of ${type.slice(0, 60)} is refused`, () => assert.throws(() => boundaryOf(type), { reason: 'FETCH_FAILED' }));
  }
});
