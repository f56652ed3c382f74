import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { clientAddress, networkOf } from './client-address.ts';

function addressOf(hops: number, remoteAddress: string | undefined, ...forwarded: string[]): string {
  const rawHeaders = forwarded.flatMap((value) => ['X-Forwarded-For', value]);
  return clientAddress({ socket: { remoteAddress }, rawHeaders } as unknown as IncomingMessage, { trusted_hops: hops }); // all it reads
}

describe('the address of who asks', () => {
  const cases: [string, string, number, string | undefined, ...string[]][] = [
    ['is the peer’s where no proxy is trusted, whatever is claimed', '192.0.2.1', 0, '192.0.2.1', '203.0.113.9'],
    ['is what the nearest proxy has written last', '203.0.113.9', 1, '10.0.0.1', '198.51.100.7, 203.0.113.9'],
    ['is found behind two proxies, past what was made up', '203.0.113.9', 2, '10.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2'],
    ['is found over several headers', '203.0.113.9', 2, '10.0.0.1', '1.1.1.1, 203.0.113.9', '10.0.0.2'],
    ['is the farthest that is known where there are fewer proxies than are trusted', '203.0.113.9', 3, '10.0.0.1', '203.0.113.9'],
    ['is the peer’s if the proxy says nothing', '10.0.0.1', 1, '10.0.0.1'],
    ['is the nearest that is known where a proxy hides who asks', '10.0.0.2', 2, '10.0.0.1', 'unknown, 10.0.0.2'],
    ['has no port', '203.0.113.9', 1, '10.0.0.1', '203.0.113.9:4711'],
    ['has no brackets', '2001:db8::1', 1, '10.0.0.1', '[2001:db8::1]:4711'],
    ['is IPv4 where a socket for both says so', '192.0.2.1', 0, '::ffff:192.0.2.1'],
    ['is unknown when the socket has gone', 'unknown', 0, undefined],
  ];
  for (const [what, expected, hops, peer, ...forwarded] of cases) {
    it(what, () => assert.equal(addressOf(hops, peer, ...forwarded), expected));
  }
});

describe('the network of an address', () => {
  const networks: [string, string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8:1:2:3:4:192.0.2.1', '2001:db8:1:2::/64'],
    ['unknown', 'unknown'],
  ];
  for (const [address, network] of networks) {
    it(`of ${address} is ${network}`, () => assert.equal(networkOf(address), network));
  }
});
