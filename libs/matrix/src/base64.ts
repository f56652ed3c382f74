const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Unpadded base64 (appendices, “Unpadded Base64”). */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

/** The `length` bytes that base64 holds, with or without padding; nothing if it is not base64, or holds more or less. */
export function fromBase64(text: string, length: number): Uint8Array | undefined {
  if (text.length > 2 * length + 4 || !BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.byteLength === length ? bytes : undefined;
}
