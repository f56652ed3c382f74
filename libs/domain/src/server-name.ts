import { isIPv6 } from 'node:net';
import { MediaError } from './media-error.ts';

/** A Matrix server name: `hostname[:port]`. Compared case-sensitively. */
export type ServerName = string & { readonly __brand: 'ServerName' };

const MAX_LENGTH = 255;
const PORT = /^[0-9]{1,5}$/;
const DNS_NAME = /^[0-9A-Za-z.-]{1,255}$/;
const DOTTED_QUAD = /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/;
const HIGHEST_PORT = 65_535;

/**
 * Reads a server name by the grammar of the Matrix specification (appendices, “Server name”).
 * Throws INVALID_PARAM otherwise.
 */
export function parseServerName(text: string): ServerName {
  if (!isServerName(text)) throw new MediaError('INVALID_PARAM', 'Not a valid server name');
  return text as ServerName;
}

export function isServerName(text: string): boolean {
  if (text.length === 0 || text.length > MAX_LENGTH) return false;
  const { host, port } = splitText(text);
  return isHost(host) && (port === undefined || isPort(port));
}

/** The two halves of a server name; an IPv6 address keeps its brackets. */
export function splitServerName(name: ServerName): { host: string; port?: number } {
  const { host, port } = splitText(name);
  return port === undefined ? { host } : { host, port: Number(port) };
}

function splitText(text: string): { host: string; port?: string } {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']') + 1) : text.indexOf(':');
  if (colon === -1) return { host: text };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return host.endsWith(']') && isIPv6(host.slice(1, -1)) && !host.includes('%');
  if (DOTTED_QUAD.test(host)) return host.split('.').every((part) => Number(part) <= 255);
  return DNS_NAME.test(host);
}

function isPort(port: string): boolean {
  return PORT.test(port) && Number(port) >= 1 && Number(port) <= HIGHEST_PORT;
}
