import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { MediaError } from '@medley/domain/media-error';

type Method = 'GET' | 'PUT';

const SEPARATOR = '&signature=';

/** Signs request targets with a key of its own: what one signer signed, no other knows. */
export class UrlSigner {
  readonly #key = randomBytes(32);

  /** Adds expiry (Unix milliseconds) and signature to a path and its parameters. */
  sign(method: Method, path: string, params: Readonly<Record<string, string>>, expiresAtMs: number): string {
    const target = `${path}?${new URLSearchParams({ ...params, expires: String(expiresAtMs) })}`;
    return `${target}${SEPARATOR}${this.#signatureOf(method, target).toString('base64url')}`;
  }

  /** Answers the target that was signed. Throws FORBIDDEN where the signature is missing, wrong or expired. */
  verify(method: string, signedTarget: string, nowMs: number): URL {
    const [target = '', signature = '', ...more] = signedTarget.split(SEPARATOR);
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#signatureOf(method, target);
    const isGenuine = more.length === 0 && given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
    if (!isGenuine) throw new MediaError('FORBIDDEN', 'The URL is not signed by this service');
    const url = new URL(target, 'http://localhost');
    if (Number(url.searchParams.get('expires')) <= nowMs) throw new MediaError('FORBIDDEN', 'The URL has expired');
    return url;
  }

  #signatureOf(method: string, target: string): Buffer {
    return createHmac('sha256', this.#key).update(`${method} ${target}`).digest();
  }
}
