import { LiveCertificates, type TlsMaterial } from './live-certificates.ts';

/** What a client shows to a service beside gRPC, and the name that it expects of it. */
export interface PeerIdentity extends Disposable {
  readonly current: TlsMaterial;
  readonly serverName: string;
}

/** Follows the certificates for connections to the service at `address` that are not gRPC's own; `undefined` without TLS. */
export function openPeerIdentity(address: string, tls: TlsMaterial | undefined): PeerIdentity | undefined {
  if (tls === undefined) return undefined;
  const certificates = new LiveCertificates(tls);
  // whoever calls services is told of bad files by the client of their RPCs
  const following = certificates.follow();
  return {
    serverName: toServerName(address),
    get current() {
      return certificates.current;
    },
    [Symbol.dispose]: () => following[Symbol.dispose](),
  };
}

const SCHEME = /^(?:dns:(?:\/\/[^/]*\/)?|ipv[46]:)/;
const PORT = /:[0-9]+$/;

/** The name that gRPC itself expects of whoever answers at `address`: the host, of a list the first, of a socket `localhost`. */
export function toServerName(address: string): string {
  if (address.startsWith('unix:')) return 'localhost';
  const [first = ''] = address.replace(SCHEME, '').split(',');
  const host = /^\[.*\]/.test(first) ? first : first.replace(PORT, '');
  return host.replace(/^\[(.*)\].*$/, '$1').trim();
}
