/**
 * What stands in the registries of special-purpose addresses (RFC 6890 and what was registered since), and what should:
 * nobody's public web site is there. The longest prefix that holds an address decides, so `/0` and `2000::/3` are what is
 * left: the global unicast addresses. Entries that the registries call globally reachable (AS112, AMT, ORCHID …) are refused
 * as well, since they are not web sites either.
 */
export const FORBIDDEN_NETWORKS: readonly (readonly [network: string, why: string])[] = [
  ['0.0.0.0/8', 'this network (RFC 791)'],
  ['10.0.0.0/8', 'private (RFC 1918)'],
  ['100.64.0.0/10', 'shared by carriers (RFC 6598)'],
  ['100.100.100.200/32', 'metadata of Alibaba Cloud'],
  ['127.0.0.0/8', 'loopback (RFC 1122)'],
  ['168.63.129.16/32', 'metadata of Azure'],
  ['169.254.0.0/16', 'link-local (RFC 3927)'],
  ['169.254.169.254/32', 'cloud metadata'],
  ['169.254.170.2/32', 'credentials of AWS tasks'],
  ['169.254.170.23/32', 'credentials of AWS pods'],
  ['169.254.0.23/32', 'metadata of Tencent Cloud'],
  ['172.16.0.0/12', 'private (RFC 1918)'],
  ['192.0.0.0/24', 'IETF protocol assignments (RFC 6890)'],
  ['192.0.0.192/32', 'metadata of Oracle Cloud'],
  ['192.0.2.0/24', 'documentation (RFC 5737)'],
  ['192.31.196.0/24', 'AS112 (RFC 7535)'],
  ['192.52.193.0/24', 'multicast tunnels (RFC 7450)'],
  ['192.88.99.0/24', '6to4 relays (RFC 7526)'],
  ['192.168.0.0/16', 'private (RFC 1918)'],
  ['192.175.48.0/24', 'AS112 (RFC 7534)'],
  ['198.18.0.0/15', 'benchmarks (RFC 2544)'],
  ['198.51.100.0/24', 'documentation (RFC 5737)'],
  ['203.0.113.0/24', 'documentation (RFC 5737)'],
  ['224.0.0.0/4', 'multicast (RFC 5771)'],
  ['240.0.0.0/4', 'reserved (RFC 1112)'],
  ['255.255.255.255/32', 'broadcast (RFC 919)'],

  ['::/0', 'not global unicast (RFC 4291)'],
  ['::/96', 'IPv4-compatible (RFC 4291)'],
  ['::/128', 'unspecified (RFC 4291)'],
  ['::1/128', 'loopback (RFC 4291)'],
  ['::ffff:0:0:0/96', 'translated IPv4 (RFC 2765)'],
  ['64:ff9b:1::/48', 'local NAT64 (RFC 8215)'],
  ['100::/64', 'discarded (RFC 6666)'],
  ['100:0:0:1::/64', 'dummy prefix (RFC 9780)'],
  ['2001::/23', 'IETF protocol assignments (RFC 2928)'],
  ['2001::/32', 'Teredo (RFC 4380)'],
  ['2001:2::/48', 'benchmarks (RFC 5180)'],
  ['2001:db8::/32', 'documentation (RFC 3849)'],
  ['2002::/16', '6to4 (RFC 7526)'],
  ['2620:4f:8000::/48', 'AS112 (RFC 7534)'],
  ['3ffe::/16', '6bone (RFC 3701)'],
  ['3fff::/20', 'documentation (RFC 9637)'],
  ['5f00::/16', 'segment routing (RFC 9602)'],
  ['fc00::/7', 'unique local (RFC 4193)'],
  ['fd00:ec2::254/128', 'metadata of AWS'],
  ['fd00:ec2::23/128', 'credentials of AWS pods'],
  ['fd20:ce::254/128', 'metadata of Google Cloud'],
  ['fd00:c1::a9fe:a9fe/128', 'metadata of Oracle Cloud'],
  ['fe80::/10', 'link-local (RFC 4291)'],
  ['fe80::a9fe:a9fe/128', 'metadata of OpenStack'],
  ['fec0::/10', 'site-local (RFC 3879)'],
  ['ff00::/8', 'multicast (RFC 4291)'],
];

/** What the registries leave: all the rest of IPv4, and the one block of global unicast IPv6. */
export const OPEN_NETWORKS: readonly string[] = ['0.0.0.0/0', '2000::/3'];

/** Behind this prefix every translator makes IPv4 of the last four bytes (RFC 6052); they are judged instead. */
export const WELL_KNOWN_NAT64 = '64:ff9b::/96';
