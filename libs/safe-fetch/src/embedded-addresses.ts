import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A prefix behind which a translator makes IPv4 of the address that follows it (RFC 6052). */
export type Nat64Prefix = readonly [ipaddr.IPv6, number];

const LOCAL_NAT64: Nat64Prefix = [ipaddr.IPv6.parse('64:ff9b:1::'), 48];
const COMPATIBLE: Nat64Prefix = [ipaddr.IPv6.parse('::'), 96];
const TRANSLATED: Nat64Prefix = [ipaddr.IPv6.parse('::ffff:0:0:0'), 96];
const SIX_TO_FOUR: Nat64Prefix = [ipaddr.IPv6.parse('2002::'), 16];
const TEREDO: Nat64Prefix = [ipaddr.IPv6.parse('2001::'), 32];

/** Where RFC 6052 puts the four bytes of IPv4, by the length of the prefix; byte 8 is always skipped. */
const NAT64_BYTES: ReadonlyMap<number, readonly number[]> = new Map([
  [32, [4, 5, 6, 7]],
  [40, [5, 6, 7, 9]],
  [48, [6, 7, 9, 10]],
  [56, [7, 9, 10, 11]],
  [64, [9, 10, 11, 12]],
  [96, [12, 13, 14, 15]],
]);

/** Whether RFC 6052 knows a translator's prefix of this length. */
export function isNat64Length(bits: number): boolean {
  return NAT64_BYTES.has(bits);
}

/** The IPv4 addresses that a packet to `address` may end at, by any of the ways to write IPv4 in IPv6 but the mapped one. */
export function embeddedAddresses(address: Address, nat64Prefixes: readonly Nat64Prefix[]): readonly ipaddr.IPv4[] {
  if (address instanceof ipaddr.IPv4) return [];
  const bytes = address.toByteArray();
  const at = (positions: readonly number[]): ipaddr.IPv4 => new ipaddr.IPv4(positions.map((position) => bytes[position] ?? 0));
  const last = [12, 13, 14, 15];
  const found = nat64Prefixes
    .filter((prefix) => address.match(prefix[0], prefix[1]))
    .map(([, bits]) => at(NAT64_BYTES.get(bits) ?? last));
  // A translator of unknown length is taken for one of 96 bits; others are to be named in the configuration.
  const endsInIpv4 = [LOCAL_NAT64, COMPATIBLE, TRANSLATED].some(([net, bits]) => address.match(net, bits)) || isIsatap(bytes);
  if (endsInIpv4 && found.length === 0) found.push(at(last));
  if (address.match(SIX_TO_FOUR[0], SIX_TO_FOUR[1])) found.push(at([2, 3, 4, 5]));
  if (address.match(TEREDO[0], TEREDO[1])) {
    const client = new ipaddr.IPv4(last.map((position) => (bytes[position] ?? 0) ^ 0xff));
    found.push(at([4, 5, 6, 7]), client);
  }
  return found;
}

/** An interface identifier of RFC 5214: `0:5efe` and IPv4, in any network, whatever its two flags say. */
function isIsatap(bytes: readonly number[]): boolean {
  return ((bytes[8] ?? 0) & 0xfc) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}
