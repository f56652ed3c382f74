import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { TimeLimit } from '@medley/streams/abort';
import type { CheckedAddress } from './address-judge.ts';
import { FetchFailure } from './fetch-failure.ts';

/** What a certificate says of its owner. */
export interface Certificate {
  /** As they stand in it: `DNS:example.org, IP Address:192.0.2.1`. */
  readonly names: string;
  readonly issuer: string;
  /** Unix milliseconds. */
  readonly validUntil: number;
}

/** What was found at the other end of a connection, as far as it went. */
export interface Inspection {
  /** Then nothing is known from here. */
  readonly isProxied: boolean;
  readonly addresses: readonly string[];
  /** The one that was connected to. */
  readonly address?: string;
  readonly certificate?: Certificate;
  /** Such as TLSv1.3. */
  readonly protocol?: string;
  /** Why it did not go further: by its code before an address was found, before it was connected to, or before TLS was agreed on. */
  readonly failure?: FetchFailure;
}

export interface Peer {
  readonly resolve: () => Promise<readonly CheckedAddress[]>;
  readonly port: number;
  /** The name or address that its certificate must hold. */
  readonly name: string;
  readonly ca: string | readonly string[] | undefined;
  readonly deadlineMs: number;
}

/** Goes as far towards a peer as it can. Rejects only with the signal's reason. */
export async function inspectPeer(peer: Peer, callers: AbortSignal): Promise<Inspection> {
  using limit = new TimeLimit(peer.deadlineMs);
  const signal = AbortSignal.any([callers, limit.signal]);
  let found: Inspection = { isProxied: false, addresses: [] };
  try {
    const addresses = await peer.resolve();
    found = { ...found, addresses };
    const [address = '', socket] = await connectToFirst(addresses, peer.port, signal);
    found = { ...found, address };
    return { ...found, ...(await agreeOnTls(socket, peer, signal)) };
  } catch (error) {
    callers.throwIfAborted();
    if (!(error instanceof FetchFailure)) throw error;
    return { ...found, failure: error };
  }
}

async function connectToFirst(addresses: readonly CheckedAddress[], port: number, signal: AbortSignal): Promise<[CheckedAddress | undefined, Socket]> {
  let last: unknown;
  for (const address of addresses) {
    const socket = connect({ host: address, port });
    try {
      await once(socket, 'connect', { signal });
      return [address, socket];
    } catch (error) {
      socket.on('error', () => {}).destroy();
      last = error;
    }
  }
  throw new FetchFailure('CONNECT_FAILED', `port ${port}: ${reasonOf(last)}`, { cause: last });
}

async function agreeOnTls(socket: Socket, { name, ca }: Peer, signal: AbortSignal): Promise<Pick<Inspection, 'certificate' | 'protocol'>> {
  const tls = connectTls({
    socket,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(ca === undefined ? {} : { ca: [ca].flat() }),
    checkServerIdentity: (_host, certificate) => mismatch(name, certificate),
  });
  try {
    await once(tls, 'secureConnect', { signal });
    return { certificate: describe(tls), protocol: tls.getProtocol() ?? 'unknown' };
  } catch (error) {
    throw new FetchFailure('TLS_FAILED', reasonOf(error), { cause: error });
  } finally {
    tls.on('error', () => {}).destroy();
    socket.on('error', () => {}).destroy();
  }
}

function mismatch(name: string, certificate: PeerCertificate): Error | undefined {
  const cause = checkServerIdentity(name, certificate);
  return cause && new Error(`the certificate is for ${namesOf(certificate)}`, { cause });
}

function namesOf({ subjectaltname, subject }: PeerCertificate): string {
  return subjectaltname ?? `CN:${[subject.CN].flat().join(', ')}`;
}

function describe(tls: TLSSocket): Certificate {
  const certificate = tls.getPeerCertificate();
  const { issuer, valid_to } = certificate;
  return {
    names: namesOf(certificate),
    issuer: [issuer.O ?? issuer.CN ?? 'unknown'].flat().join(', '),
    validUntil: Date.parse(valid_to),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'AbortError') return 'it took too long';
  return error instanceof Error ? error.message : String(error);
}
