import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { fromBase64, toBase64 } from './base64.ts';
import { CanonicalJsonError } from './canonical-json.ts';
import { parsePublicKey } from './public-key.ts';
import { signatureOf, signJson } from './sign-json.ts';
import { parseSigningKeys, SigningKeyError } from './signing-key.ts';
import { isSignedBy } from './verify-json.ts';

/** The key of the specification's test vectors. */
const SEED = 'YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1';
const PUBLIC = 'XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI';
const [KEY] = parseSigningKeys(`ed25519 1 ${SEED}`);

const VECTORS: readonly (readonly [object: Readonly<Record<string, unknown>>, signature: string])[] = [
  [{}, 'K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ'],
  [{ one: 1, two: 'Two' }, 'KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw'],
  [{ destination: 'remote.example.org', method: 'GET', origin: 'domain', uri: '/_matrix/federation/v1/media/download/AQwafuaFswefuhsfAFAgsw?timeout_ms=20000' },
    'EFMRyVd5n6ee1LZvKRwIbT6e6K44UepF2EM0l4EDPU0m0D72kmq5G9qnVcit4e9/tDt6pe5WB705VhOQQy3+CA'],
  [{ destination: 'remote.example.org', method: 'GET', origin: 'domain', uri: '/_matrix/federation/v1/media/thumbnail/AQwafuaFswefuhsfAFAgsw?width=96&height=96&method=crop&animated=false&timeout_ms=20000' },
    'owhktChbcfkwS6DoN1ZplHaq0GJ2yUUaeZf5nyCglpIpCSgBXTWAHeCwFBpVLjiWx3z1CTRLA0+tpqgqinjnAQ'],
];

describe('signed JSON', () => {
  for (const [object, signature] of VECTORS) {
    it(`has the signature of the test vector for ${JSON.stringify(object).slice(0, 60)}`, () => {
      assert.equal(signatureOf(object, KEY), signature);
      assert.equal(isSignedBy(object, signature, KEY.publicKey), true);
    });
  }

  it('keeps its other signatures, and signs neither them nor what is unsigned', () => {
    const object = { one: 1, two: 'Two', unsigned: { age: 5 }, signatures: { domain: { 'ed25519:old': 'x' }, other: { 'ed25519:1': 'y' } } };
    const signature = VECTORS[1]?.[1] ?? '';
    assert.deepEqual(signJson(object, 'domain', KEY), { ...object, signatures: { domain: { 'ed25519:old': 'x', 'ed25519:1': signature }, other: { 'ed25519:1': 'y' } } });
    assert.equal(isSignedBy({ ...object, unsigned: { age: 6 }, signatures: {} }, signature, KEY.publicKey), true);
  });

  it('takes padded base64, too', () => assert.equal(isSignedBy({}, `${VECTORS[0]?.[1]}==`, KEY.publicKey), true));

  it('is refused after any change, and with any other key', () => {
    const signature = signatureOf({ one: 1 }, KEY);
    const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    assert.equal(isSignedBy({ one: 2 }, signature, KEY.publicKey), false);
    assert.equal(isSignedBy({ one: 1 }, signature, other), false);
    const bytes = Buffer.from(signature, 'base64');
    for (const at of [0, 31, 32, 63]) {
      const bent = Buffer.from(bytes);
      bent.writeUInt8(bent.readUInt8(at) ^ 1, at);
      assert.equal(isSignedBy({ one: 1 }, toBase64(bent), KEY.publicKey), false);
    }
  });

  it('is refused with a signature of another length, of other letters, or none at all', () => {
    const bytes = Buffer.from(signatureOf({}, KEY), 'base64');
    for (const text of ['', 'x', toBase64(bytes.subarray(1)), toBase64(Buffer.concat([bytes, Buffer.alloc(1)])), `${toBase64(bytes).slice(0, -1)}-`, 'A'.repeat(1e6)]) {
      assert.equal(isSignedBy({}, text, KEY.publicKey), false);
    }
    assert.equal(isSignedBy({}, toBase64(bytes), KEY.publicKey.subarray(1)), false);
  });

  it('is refused where the second half of the signature is not reduced, so that nobody can write it in two ways', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const bytes = Buffer.from(signatureOf({}, KEY), 'base64');
    let sum = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
    for (let at = 32; at < 64; at += 1, sum >>= 8n) bytes.writeUInt8(Number(sum & 255n), at);
    assert.equal(isSignedBy({}, toBase64(bytes), KEY.publicKey), false);
  });

  it('is refused where it has no canonical form, and not made', () => {
    assert.equal(isSignedBy({ half: 0.5 }, signatureOf({}, KEY), KEY.publicKey), false);
    assert.throws(() => signatureOf({ half: 0.5 }, KEY), CanonicalJsonError);
  });
});

describe('a file of signing keys', () => {
  const pem = (label: string, base64: string, id = 'Key-ID: ed25519:a_1'): string => `-----BEGIN ${label} PRIVATE KEY-----\n${id}\nVersion: 1\n\n${base64}\n-----END ${label} PRIVATE KEY-----\n`;

  it('holds keys as Synapse writes them, of which the first signs', () => {
    const [first, second, ...more] = parseSigningKeys(`\r\ned25519 a_1 ${SEED}\r\n\r\n  ed25519\tb_2  ${toBase64(Buffer.alloc(32, 7))}=  \r\n`);
    assert.deepEqual([first.keyId, second?.keyId, more.length], ['ed25519:a_1', 'ed25519:b_2', 0]);
    assert.equal(toBase64(first.publicKey), PUBLIC);
  });

  for (const label of ['MATRIX', 'MMR']) {
    it(`holds a key in PEM of ${label}`, () => {
      const [key, ...more] = parseSigningKeys(pem(label, `${SEED.slice(0, 30)}\n${SEED.slice(30)}=`));
      assert.deepEqual([key.keyId, toBase64(key.publicKey), more.length], ['ed25519:a_1', PUBLIC, 0]);
    });
  }

  const faults: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['nothing', ' \n', /^holds no key$/],
    ['a word', 'secret', /^line 1: must be: ed25519 <version>/],
    ['more than a key on a line', `ed25519 1 ${SEED} x`, /^line 1: must be/],
    ['another algorithm', `\nrsa 1 ${SEED}`, /^line 2: the algorithm/],
    ['a version of other letters', `ed25519 a-1 ${SEED}`, /^line 1: the version/],
    ['a seed that is too short', `ed25519 1 ${SEED}\ned25519 2 ${SEED.slice(1)}`, /^line 2: the seed/],
    ['a seed that is not base64', `ed25519 1 ${SEED.replace('Y', '*')}`, /^line 1: the seed/],
    ['PEM without a key id', pem('MATRIX', SEED, 'Comment: none'), /^line 1: there is no header Key-ID/],
    ['PEM with another algorithm', pem('MATRIX', SEED, 'Key-ID: rsa:1'), /^line 2: must be: Key-ID/],
    ['PEM with a short seed', pem('MATRIX', SEED.slice(4)), /^line 5: the seed/],
    ['PEM that is cut', `-----BEGIN MATRIX PRIVATE KEY-----\nKey-ID: ed25519:1\n\n${SEED}`, /^line 4: must be the end/],
  ];
  for (const [what, text, message] of faults) {
    it(`does not hold ${what}, and shows nothing of it`, () => {
      assert.throws(() => parseSigningKeys(text), (error) => error instanceof SigningKeyError && message.test(error.message) && !error.message.includes(SEED.slice(5, 15)));
    });
  }
});

describe('a public key', () => {
  it('is 32 bytes in base64', () => {
    assert.deepEqual(parsePublicKey(PUBLIC), fromBase64(PUBLIC, 32));
    assert.deepEqual(parsePublicKey(`${PUBLIC}=`), fromBase64(PUBLIC, 32));
    for (const text of ['', 'x', PUBLIC.slice(1), `${PUBLIC}AA`, PUBLIC.replace('X', '_')]) assert.equal(parsePublicKey(text), undefined);
  });

  it('is none of small order', () => {
    for (const hex of ['00'.repeat(32), '01' + '00'.repeat(31), '01' + '00'.repeat(30) + '80', `ec${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}ff`,
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85']) {
      assert.equal(parsePublicKey(Buffer.from(hex, 'hex').toString('base64')), undefined, hex);
    }
  });

  it('is none whose private half is known to everybody', () => assert.equal(parsePublicKey('l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og'), undefined));
});
