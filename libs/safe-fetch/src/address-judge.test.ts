import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import ipaddr from 'ipaddr.js';
import { AddressJudge, isNetwork } from './address-judge.ts';
import { FORBIDDEN_NETWORKS } from './address-table.ts';
import { FetchFailure } from './fetch-failure.ts';

/** By the registries of special-purpose addresses (RFC 6890 and later), and what clouds use for metadata. */
const FORBIDDEN = [
  '0.0.0.0', '0.0.0.1', '0.255.255.255', '10.0.0.0', '10.0.0.1', '10.255.255.255', '100.64.0.0', '100.64.0.1', '100.100.100.200', '100.127.255.255',
  '127.0.0.0', '127.0.0.1', '127.1.2.3', '127.255.255.255', '168.63.129.16', '169.254.0.0', '169.254.0.23', '169.254.169.254', '169.254.170.2', '169.254.255.255',
  '172.16.0.0', '172.17.0.1', '172.31.255.255', '192.0.0.0', '192.0.0.8', '192.0.0.9', '192.0.0.10', '192.0.0.170', '192.0.0.192', '192.0.0.255',
  '192.0.2.0', '192.0.2.255', '192.31.196.1', '192.52.193.1', '192.88.99.1', '192.88.99.2', '192.168.0.0', '192.168.1.1', '192.168.255.255', '192.175.48.1',
  '198.18.0.0', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.0', '224.0.0.1', '239.255.255.255', '240.0.0.0', '255.255.255.254', '255.255.255.255',
  '::', '::1', '::2', '::7f00:1', '::127.0.0.1', '::10.0.0.1', '::8.8.8.8', '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:a9fe:a9fe', '::ffff:10.0.0.1', '::FFFF:192.168.0.1', '::ffff:0.0.0.0', '::ffff:168.63.129.16',
  '::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8', '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::10.0.0.1', '64:ff9b::', '64:ff9b:0:0:0:1::8.8.8.8', '64:ff9b:1::', '64:ff9b:1::127.0.0.1', '64:ff9b:1::8.8.8.8', '64:ff9b:1:fffe::1', '64:ff9b:2::1',
  '100::', '100::1', '100:0:0:1::1', '2001::', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001:0:7f00:1::', '2001:1::1', '2001:2::1', '2001:3::1', '2001:4:112::1', '2001:10::1', '2001:20::1', '2001:30::1', '2001:1ff:ffff::1',
  '2001:db8::', '2001:db8::1', '2001:db8:ffff:ffff::1', '2002::', '2002:7f00:1::', '2002:7f00:1::1', '2002:a00:1::', '2002:a9fe:a9fe::1', '2002:c0a8:101::', '2002:808:808::1', '2620:4f:8000::1', '3ffe::1', '3fff::1', '3fff:fff::1',
  '2606:4700::5efe:127.0.0.1', '2606:4700::200:5efe:10.0.0.1', '2606:4700::5efe:a9fe:a9fe', '2606:4700::300:5efe:c0a8:1', 'fe80::5efe:8.8.8.8',
  '4000::1', '5f00::1', '1000::1', 'e000::1', 'fc00::', 'fc00::1', 'fd00::1', 'fd00:ec2::254', 'fd20:ce::254', 'fdff:ffff::1', 'fe80::', 'fe80::1', 'fe80::a9fe:a9fe', 'febf::1', 'fec0::1', 'feff::1', 'ff00::', 'ff02::1', 'ff0e::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
];

/** Next to the edges of the table, and where public sites are. */
const ALLOWED = [
  '1.0.0.0', '1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '93.184.216.34', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0', '151.101.1.69', '168.63.129.15', '168.63.129.17',
  '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '191.255.255.255', '192.0.1.0', '192.0.1.255', '192.0.3.0', '192.31.195.255', '192.52.194.0', '192.88.98.255', '192.88.100.0',
  '192.167.255.255', '192.169.0.0', '192.175.49.0', '198.17.255.255', '198.20.0.0', '198.51.99.255', '198.51.101.0', '203.0.112.255', '203.0.114.0', '223.255.255.255',
  '2000::1', '2001:200::1', '2001:4860:4860::8888', '2001:db7:ffff::1', '2001:db9::1', '2003::1', '2400:cb00::1', '2600::1', '2606:4700:4700::1111', '2620:fe::fe', '2620:4f:7fff::1', '2620:4f:8001::1', '2a00:1450:4001::1', '2c0f:fb50::1', '3ffd::1', '3fff:1000::1',
  '::ffff:8.8.8.8', '::ffff:101:101', '64:ff9b::8.8.8.8', '64:ff9b::101:101', '2606:4700::5efe:8.8.8.8', '2606:4700::5eff:127.0.0.1', '2606:4700::1:5efe:7f00:1',
];

const NO_ADDRESSES = ['', 'localhost', '127.1', '0x7f.0.0.1', '0177.0.0.1', '2130706433', '1.2.3', '1.2.3.4.5', '8.8.8.256', '8.8.8.8 ', '[2606:4700::1]', '2606:4700::1%eth0', 'fe80::1%lo', '::1%', '8.8.8.8%lo', '8.8.8.8/32', '8.8.8.8:80', '::g'];

test('lets every address of the public Internet pass', () => {
  const judge = new AddressJudge();
  for (const address of ALLOWED) assert.equal(verdict(judge, address), 'allowed', address);
});

test('refuses every address of special use, in every spelling', () => {
  const judge = new AddressJudge();
  for (const address of [...FORBIDDEN, ...NO_ADDRESSES]) assert.equal(verdict(judge, address), 'forbidden', address);
});

test('refuses the first and the last address of each network of the table', () => {
  const judge = new AddressJudge();
  for (const [network] of FORBIDDEN_NETWORKS.filter(([text]) => text !== '::/0')) {
    const parser = network.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
    for (const edge of [parser.networkAddressFromCIDR(network), parser.broadcastAddressFromCIDR(network)]) {
      assert.equal(verdict(judge, edge.toString()), 'forbidden', `${network}: ${edge.toString()}`);
    }
  }
});

test('refuses each forbidden IPv4 in every form that holds IPv4, and takes the public ones in the forms that are in use', () => {
  const judge = new AddressJudge({ nat64Prefixes: NAT64 });
  for (const address of [...FORBIDDEN, ...ALLOWED].filter((text) => !text.includes(':'))) {
    const expected = ALLOWED.includes(address) ? 'allowed' : 'forbidden';
    const { inUse, retired } = spellings(address);
    for (const form of inUse) assert.equal(verdict(judge, form), expected, `${form} of ${address}`);
    for (const form of retired) assert.equal(verdict(judge, form), 'forbidden', `${form} of ${address}`);
  }
});

test('connects to IPv4 where it was written as IPv6, and to the translator where there is one', () => {
  const judge = new AddressJudge();
  assert.equal(judge.check('::ffff:808:808'), '8.8.8.8');
  assert.equal(judge.check('64:ff9b::8.8.8.8'), '64:ff9b::808:808');
  assert.equal(judge.check('2606:4700:0:0:0:0:0:1111'), '2606:4700::1111');
});

test('opens what is allowed, and not what the table knows better within it', () => {
  const judge = new AddressJudge({ allowed: ['0.0.0.0/0', '169.254.0.0/16', '10.1.0.0/16', 'fd12::/32', '203.0.113.7'] });
  for (const address of ['10.1.2.3', '169.254.1.1', 'fd12::1', '203.0.113.7', '::ffff:10.1.0.1', '64:ff9b::10.1.0.1']) assert.equal(verdict(judge, address), 'allowed', address);
  for (const address of ['127.0.0.1', '10.2.0.1', '169.254.169.254', '192.168.0.1', 'fd13::1', '203.0.113.8', '::10.1.0.1', '2002:a01:1::']) assert.equal(verdict(judge, address), 'forbidden', address);
  assert.equal(verdict(new AddressJudge({ allowed: ['169.254.169.254'] }), '169.254.169.254'), 'allowed');
});

test('judges IPv4 within an allowed IPv6 all the same', () => {
  const judge = new AddressJudge({ allowed: ['2002::/16', '2001::/32', '64:ff9b:1::/48', '::/96'] });
  for (const address of ['2002:7f00:1::', '64:ff9b:1::10.0.0.1', '::127.0.0.1', '2001:0:7f00:1::f7f7:f7f7', '2001:0:808:808::80ff:fffe']) assert.equal(verdict(judge, address), 'forbidden', address);
  for (const address of ['2002:808:808::1', '64:ff9b:1::8.8.8.8', '::8.8.8.8', '2001:0:808:808::f7f7:f7f7']) assert.equal(verdict(judge, address), 'allowed', address);
});

test('refuses what is denied, however it is written, and follows the longer of two networks', () => {
  const judge = new AddressJudge({ denied: ['8.8.0.0/16', '::ffff:9.9.9.0/120', '2606:4700::/32', '10.1.2.0/24'], allowed: ['8.8.8.0/24', '10.1.0.0/16', '2606:4700::/32'] });
  for (const address of ['8.8.4.4', '::ffff:8.8.4.4', '64:ff9b::8.8.4.4', '9.9.9.9', '2606:4700::1', '10.1.2.3']) assert.equal(verdict(judge, address), 'forbidden', address);
  for (const address of ['8.8.8.8', '9.9.8.8', '10.1.3.1']) assert.equal(verdict(judge, address), 'allowed', address);
});

test('S23 refuses the addresses of this machine, unless they are named', () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).map(({ address }) => address);
  assert.ok(own.length > 0);
  const wide = new AddressJudge({ allowed: ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fe80::/10', 'fc00::/7', '::/64'] });
  for (const address of own) assert.equal(verdict(wide, address), 'forbidden', address);
  const named = new AddressJudge({ allowed: own.filter((address) => !address.includes(':')) });
  assert.equal(verdict(named, '127.0.0.1'), 'allowed');
});

test('says what is against an address', () => {
  const judge = new AddressJudge({ denied: ['8.8.8.8'] });
  const why = (address: string): string => (check(judge, address) ?? assert.fail(address)).message;
  assert.equal(why('192.168.1.1'), '192.168.1.1: private (RFC 1918)');
  assert.equal(why('64:ff9b::a9fe:a9fe'), '64:ff9b::a9fe:a9fe, which holds 169.254.169.254: cloud metadata');
  assert.equal(why('8.8.8.8'), '8.8.8.8: denied by the configuration');
});

test('takes only networks for networks', () => {
  for (const text of ['10.0.0.0/8', '10.0.0.1', '::/0', 'fd00::1/128', '0.0.0.0/0']) assert.ok(isNetwork(text), text);
  for (const text of ['', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0/8', '10.0.0.0/8/8', 'fe80::%lo/64', '::/129', 'example.com', '10.0.0.0/08', '0x0a.0.0.0/8']) assert.ok(!isNetwork(text), text);
  for (const rules of [{ denied: ['nonsense'] }, { allowed: ['10.0.0.0/33'] }, { nat64Prefixes: ['64:ff9b::/90'] }, { nat64Prefixes: ['10.0.0.0/32'] }]) {
    assert.throws(() => new AddressJudge(rules), RangeError);
  }
});

const NAT64 = ['2a0a:1::/32', '2a0a:2:300::/40', '2a0a:3:4::/48', '2a0a:5:6:700::/56', '2a0a:8:9:a::/64', 'fd64::/96'];

/** An IPv4 address in all the ways to write it in IPv6. */
function spellings(address: string): { inUse: readonly string[]; retired: readonly string[] } {
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(address).octets;
  const hex = (high: number, low: number): string => ((high << 8) | low).toString(16);
  const whole = `${hex(a, b)}:${hex(c, d)}`;
  const behindNat64 = [`2a0a:1:${whole}::`, `2a0a:2:${hex(3, a)}:${hex(b, c)}:${hex(0, d)}::`, `2a0a:3:4:${hex(a, b)}:${hex(0, c)}:${hex(d, 0)}::`, `2a0a:5:6:${hex(7, a)}:${hex(0, b)}:${hex(c, d)}::`, `2a0a:8:9:a:${hex(0, a)}:${hex(b, c)}:${hex(d, 0)}:0`];
  return {
    inUse: [`::ffff:${whole}`, `::ffff:${address}`, `64:ff9b::${whole}`, `fd64::${address}`, ...behindNat64],
    retired: [`::${address}`, `::ffff:0:${whole}`, `2002:${whole}::1`, `64:ff9b:1::${whole}`, `2001:0:102:304:0:0:${hex(~a & 255, ~b & 255)}:${hex(~c & 255, ~d & 255)}`],
  };
}

function check(judge: AddressJudge, address: string): FetchFailure | undefined {
  try {
    judge.check(address);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof FetchFailure);
    assert.equal(error.code, 'ADDRESS_FORBIDDEN');
    return error;
  }
}

function verdict(judge: AddressJudge, address: string): 'allowed' | 'forbidden' {
  return check(judge, address) === undefined ? 'allowed' : 'forbidden';
}
