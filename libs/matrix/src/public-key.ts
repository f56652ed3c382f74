import { fromBase64 } from './base64.ts';

/** `ed25519:` and a version. Longer ones than anybody uses are none, since they are kept by the thousand. */
export const KEY_ID = /^ed25519:[A-Za-z0-9_]{1,128}$/;

const KEY_BYTES = 32;

/** Points of small order, without their signs: with some libraries, signatures by them hold for almost anything. */
const WEAK_KEYS: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** Keys whose private half everybody knows: one that a Helm chart gave to all who used it (ELEMENTSEC-2025-1670, CVE-2026-24044). */
const LEAKED_KEYS: ReadonlySet<string> = new Set(['l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og=']);

/** The 32 bytes of an ed25519 key in base64; nothing if it is none, or one that proves nothing. */
export function parsePublicKey(text: string): Uint8Array | undefined {
  const bytes = fromBase64(text, KEY_BYTES);
  return bytes === undefined || isWeak(bytes) || LEAKED_KEYS.has(Buffer.from(bytes).toString('base64')) ? undefined : bytes;
}

function isWeak(bytes: Uint8Array): boolean {
  const unsigned = Buffer.from(bytes);
  unsigned.writeUInt8(unsigned.readUInt8(KEY_BYTES - 1) & 0x7f, KEY_BYTES - 1);
  return WEAK_KEYS.has(unsigned.toString('hex'));
}
