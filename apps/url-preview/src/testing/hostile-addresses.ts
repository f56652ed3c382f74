/** One way to name an address that nobody may be led to. */
export interface HostileAddress {
  readonly id: number;
  /** As it stands in a URL. */
  readonly host: string;
  /** What DNS says of the host, where it is a name. */
  readonly answers?: readonly string[];
}

/** Of this machine, of private and shared networks, of a link, of clouds' metadata, and of no one machine. */
const ADDRESSES = [
  '127.0.0.1', '127.0.0.53', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.254', '192.168.1.1', '100.64.0.1', '169.254.169.254',
  '169.254.1.1', '100.100.100.200', '168.63.129.16', '192.0.0.192', '198.18.0.1', '224.0.0.1', '255.255.255.255',
];
const IPV6 = ['::1', '::', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1'];

/** Spellings and disguises of an IPv4 address. */
const DISGUISES: readonly ((bytes: readonly number[]) => string)[] = [
  (bytes) => bytes.join('.'),
  (bytes) => String(toNumber(bytes)),
  (bytes) => `0x${toNumber(bytes).toString(16)}`,
  (bytes) => bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
  (bytes) => `${bytes.join('.')}.`,
  (bytes) => `[::ffff:${bytes.join('.')}]`,
  (bytes) => `[::${bytes.join('.')}]`,
  (bytes) => `[64:ff9b::${toHex(bytes)}]`,
  (bytes) => `[2002:${toHex(bytes)}::]`,
];

/** The fixed addresses in every disguise, by name, and so many more of private networks that the seed picks. */
export function hostileAddresses(seed: number, more: number): readonly HostileAddress[] {
  let state = seed * 7919 + 1;
  const random = (below: number): number => (state = (state * 48_271) % 0x7fff_ffff) % below;
  const picked = Array.from({ length: more }, () => [[10, 127][random(2)] ?? 10, random(256), random(256), random(256)]);
  const all = [...ADDRESSES.map((text) => text.split('.').map(Number)), ...picked];
  const hosts = [...all.flatMap((bytes) => DISGUISES.map((write) => write(bytes))), ...IPV6.map((text) => `[${text}]`), 'localhost', 'metadata.google.internal'];
  const names = [...all.map((bytes) => bytes.join('.')), ...IPV6].map((address, index) => ({ host: `n${index}.example.com`, answers: [address] }));
  return [...hosts.map((host) => ({ host })), ...names].map((one, id) => ({ ...one, id }));
}

function toNumber(bytes: readonly number[]): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

function toHex([a = 0, b = 0, c = 0, d = 0]: readonly number[]): string {
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
