import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { duration } from './quantity.ts';

const pem = z.string().min(1);
const path = z.string().min(1).optional();

/** What services show each other. Texts that came from files are followed: whoever rotates certificates keeps old ones valid for much longer than a reload takes. */
export const tls = z.strictObject({
  ca: pem, cert: pem, key: pem,
  ca_file: path, cert_file: path, key_file: path,
  reload_interval: duration.default(10_000),
}).superRefine(({ cert, key }, context) => {
  const problem = problemOf(cert, key);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
}).transform(({ ca, cert, key, ca_file, cert_file, key_file, reload_interval: reloadMs }) => {
  const isFollowed = reloadMs > 0 && [ca_file, cert_file, key_file].some((file) => file !== undefined);
  return { ca, cert, key, ...(isFollowed && { files: { ca: ca_file, cert: cert_file, key: key_file, reloadMs } }) };
});

/** Says nothing of the texts themselves. */
function problemOf(cert: string, key: string): string | undefined {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? undefined : 'the key does not fit the certificate';
  } catch {
    // openssl's own words help nobody
    return 'the certificate or its key is not PEM';
  }
}
