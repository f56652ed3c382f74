import { checkServerIdentity } from 'node:tls';
import { buildConnector } from 'undici';

/** How our own services know each other over TLS. */
export interface PeerTls extends Disposable {
  /** PEM texts, as they are for connections made now. */
  readonly current: { readonly ca: string; readonly cert: string; readonly key: string };
  /** The name or IP address that the peer's certificate must bear, whatever the URL's host is. */
  readonly serverName: string;
}

/** Connects to a peer and fails unless both sides show a certificate of the authority that is in use at that moment. */
export function peerConnector(peer: PeerTls, timeoutMs: number): buildConnector.connector {
  return (options, callback) => {
    const { ca, cert, key } = peer.current;
    const connect = buildConnector({
      ca, cert, key,
      rejectUnauthorized: true,
      allowH2: false,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(peer.serverName, certificate),
      // a session that is taken up again shows no certificate, and nobody would check its name
      maxCachedSessions: 0,
      timeout: timeoutMs,
    });
    connect(options, callback);
  };
}
