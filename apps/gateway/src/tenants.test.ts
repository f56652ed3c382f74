import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { homeservers } from '@medley/config/homeserver';
import { Tenants } from './tenants.ts';

const TENANTS = new Tenants(homeservers.parse([
  { server_name: 'one.example', hosts: ['Media.One.Example.:8448', 'medley', '[::1]:8008', '10.0.0.1'] },
  { server_name: 'two.example' },
]), ['@root:one.example']);

describe('a Host', () => {
  for (const host of ['one.example', 'ONE.example:443', 'media.one.example', 'media.one.example.', 'MEDIA.ONE.EXAMPLE.:8008', 'medley:8008', 'medley', '[::1]', '[::1]:80', '10.0.0.1:1', 'one.example:']) {
    it(`${host} chooses the tenant that has this name`, () => assert.equal(TENANTS.ofHost(host).serverName, 'one.example'));
  }

  for (const host of ['', 'one.example..', 'x.one.example', 'one.example.two.example', '::1', 'one.example/two.example', 'one.example@two.example', '__proto__']) {
    it(`${JSON.stringify(host)} chooses nobody`, () => assert.equal(TENANTS.findByHost(host), undefined));
  }

  it('that nobody has is named in the refusal, in part where it is long, and quoted', () => {
    const refused = (host: string) => assert.throws(() => TENANTS.ofHost(host), { reason: 'UNRECOGNIZED', message: `No homeserver is configured for the host ${JSON.stringify(host.slice(0, 100))}` });
    refused('else"where<script>\u0007');
    refused('x'.repeat(5000));
  });

  it('needs no name where there is only one tenant', () => {
    assert.equal(new Tenants(homeservers.parse([{ server_name: 'a.example' }])).ofHost('anything').serverName, 'a.example');
  });

  it('must not choose two', () => {
    const result = homeservers.safeParse([{ server_name: 'one.example' }, { server_name: 'two.example', hosts: ['ONE.example.:80'] }]);
    assert.equal(result.success, false);
  });
});

describe('a global admin', () => {
  it('is an admin of the own homeserver, and sees what is every tenant’s', () => {
    const [one, two] = TENANTS.all;
    assert.ok(one !== undefined && two !== undefined);
    assert.deepEqual([one.admins, two.admins], [['@root:one.example'], []]);
    assert.equal(TENANTS.asSeenBy(one, '@root:one.example').seesAll, true);
    assert.equal(TENANTS.asSeenBy(one, '@user:one.example').seesAll, undefined);
  });
});
