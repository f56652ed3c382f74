import { isIPv6 } from 'node:net';

/** Where a server listens. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const TCP = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):([0-9]{1,5})$/;
const UNIX = /^unix:(?:\/\/)?(\/[^/].*)$/;
const HIGHEST_PORT = 65_535;

/** Reads `host:port`, `[address]:port`, `unix:/path` or `unix:///path`. Throws on anything else. */
export function parseListenAddress(text: string): ListenAddress {
  const path = UNIX.exec(text)?.at(1);
  if (path !== undefined) return { kind: 'unix', path };
  const [, bracketed, plain, port] = TCP.exec(text) ?? [];
  const host = bracketed ?? plain;
  const isHost = bracketed === undefined || isIPv6(bracketed);
  if (host === undefined || !isHost || Number(port) > HIGHEST_PORT) {
    throw new Error(`"${text}" is no address to listen on, like 0.0.0.0:8081, [::]:8081 or unix:///run/medley/data.sock`);
  }
  return { kind: 'tcp', host, port: Number(port) };
}
