import { type ChannelCredentials, credentials, experimental, ServerCredentials } from '@grpc/grpc-js';
import { type OnReloadProblem, LiveCertificates, type TlsMaterial } from './live-certificates.ts';

export type { TlsMaterial } from './live-certificates.ts';

/** What a server shows and asks for: with `tls`, callers without a certificate of the authority are refused. */
export function toServerCredentials(tls: TlsMaterial | undefined, onProblem?: OnReloadProblem): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const certificates = new LiveCertificates(tls, onProblem);
  return experimental.createCertificateProviderServerCredentials(certificates, certificates, true);
}

/** What a client shows and asks for: with `tls`, servers without a certificate of the authority are not talked to. */
export function toChannelCredentials(tls: TlsMaterial | undefined, onProblem?: OnReloadProblem): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const certificates = new LiveCertificates(tls, onProblem);
  return experimental.createCertificateProviderChannelCredentials(certificates, certificates);
}
