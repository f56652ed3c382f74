import { isIP, isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { FORBIDDEN_NETWORKS, OPEN_NETWORKS, WELL_KNOWN_NAT64 } from './address-table.ts';
import { embeddedAddresses, isNat64Length, type Nat64Prefix } from './embedded-addresses.ts';
import { FetchFailure } from './fetch-failure.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An address that an AddressJudge has let pass, as text to connect to. Nothing else makes one. */
export type CheckedAddress = string & { readonly __brand: 'CheckedAddress' };

/** What an operator says about networks, as CIDRs or single addresses. */
export interface NetworkRules {
  readonly denied?: readonly string[];
  /** Opens these networks alone: what is forbidden within them by a longer prefix stays so. */
  readonly allowed?: readonly string[];
  /** Prefixes of local NAT64 translators; addresses behind them are judged by the IPv4 that they hold. */
  readonly nat64Prefixes?: readonly string[];
}

interface Rule {
  readonly network: Address;
  readonly bits: number;
  readonly isOpen: boolean;
  readonly why: string;
  /** Among rules of the same length the least decides. */
  readonly rank: number;
}

const RANK = { denied: 0, allowed: 1, own: 2, translated: 3, forbidden: 4, open: 5 } as const;

/** The one place that decides which addresses may be connected to. */
export class AddressJudge {
  readonly #rules: readonly Rule[];
  readonly #nat64: readonly Nat64Prefix[];

  /** Throws a RangeError if a rule is not a network. */
  constructor({ denied = [], allowed = [], nat64Prefixes = [] }: NetworkRules = {}) {
    const translated = [WELL_KNOWN_NAT64, ...nat64Prefixes];
    this.#nat64 = translated.map(parseNat64Prefix);
    this.#rules = [
      ...denied.map((text) => toRule(text, 'denied', 'denied by the configuration')),
      ...allowed.map((text) => toRule(text, 'allowed', 'allowed by the configuration')),
      ...FORBIDDEN_NETWORKS.map(([text, why]) => toRule(text, 'forbidden', why)),
      ...translated.map((text) => toRule(text, 'translated', 'NAT64 (RFC 6052)')),
      ...OPEN_NETWORKS.map((text) => toRule(text, 'open', 'global unicast')),
    ];
  }

  /** Lets an address pass, in the form to connect to, or throws a FetchFailure that says what is against it. */
  check(text: string): CheckedAddress {
    const address = parseAddress(text);
    const rules = [...this.#rules, ...ownAddresses()];
    for (const one of [address, ...embeddedAddresses(address, this.#nat64)]) {
      const against = objectionTo(one, rules);
      if (against !== undefined) throw forbidden(one === address ? `${text}: ${against}` : `${text}, which holds ${one.toString()}: ${against}`);
    }
    return address.toString() as CheckedAddress;
  }
}

/** Whether `text` can stand in a list of networks: an address, or one with a prefix length. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  if (more.length > 0 || !(isIPv4(address) || (isIPv6(address) && !address.includes('%')))) return false;
  return bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128));
}

function objectionTo(address: Address, rules: readonly Rule[]): string | undefined {
  const rule = rules
    .filter(({ network, bits }) => network.kind() === address.kind() && address.match(network, bits))
    .reduce((best, next) => (next.bits > best.bits || (next.bits === best.bits && next.rank < best.rank) ? next : best));
  if (!rule.isOpen) return rule.why;
  // A second opinion, for what may be registered after our table was written.
  return rule.rank === RANK.open && address.range() !== 'unicast' ? address.range() : undefined;
}

function parseAddress(text: string): Address {
  // A zone says which of our own networks is meant: no public address has one.
  if (isIP(text) === 0 || text.includes('%')) throw forbidden(`${text} is not an address`);
  return withoutMapping(readAddress(text));
}

/** Reads a valid address. NOTE: ipaddr.js takes `::1.2.3.4` for a mapped address; in hexadecimal nobody is mistaken. */
function readAddress(text: string): Address {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text);
  return ipaddr.IPv6.parse(new URL(`http://[${text}]/`).hostname.slice(1, -1));
}

/** IPv4-mapped addresses are IPv4 in another spelling: the system connects by IPv4. */
function withoutMapping(address: Address): Address {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function toRule(text: string, kind: keyof typeof RANK, why: string): Rule {
  if (!isNetwork(text)) throw new RangeError(`${text} is not a network`);
  const [address = '', length] = text.split('/');
  const written = readAddress(address);
  const network = withoutMapping(written);
  const all = written.kind() === 'ipv4' ? 32 : 128;
  const bits = length === undefined ? all : Number(length);
  const isUnmapped = network !== written && bits >= 96;
  const isOpen = kind === 'allowed' || kind === 'translated' || kind === 'open';
  return { network: isUnmapped ? network : written, bits: isUnmapped ? bits - 96 : bits, isOpen, why, rank: RANK[kind] };
}

function parseNat64Prefix(text: string): Nat64Prefix {
  const [address = '', length = ''] = text.split('/');
  if (!isNetwork(text) || !isIPv6(address) || !isNat64Length(Number(length))) throw new RangeError(`${text} is not a prefix of NAT64`);
  return [ipaddr.IPv6.parse(address), Number(length)];
}

/** This machine's addresses of now, public ones too: what answers there is ours, not a stranger's. */
function ownAddresses(): readonly Rule[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => toRule(address, 'own', 'an address of this machine'));
}

function forbidden(detail: string): FetchFailure {
  return new FetchFailure('ADDRESS_FORBIDDEN', detail);
}
