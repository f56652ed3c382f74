import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { urlPreviews } from './url-previews.ts';

describe('url_previews', () => {
  it('needs nothing to be said', () => {
    const { enabled, ports, denied_networks, allowed_hosts } = urlPreviews.parse({});
    assert.deepEqual([enabled, ports, denied_networks, allowed_hosts], [true, [80, 443, 8080, 8443, 8448], [], undefined]);
  });

  it('tells what can not be', () => {
    const bad: Readonly<Record<string, unknown>> = {
      image_lifetime: '1h', allowed_networks: ['10.0.0.0/99'], denied_hosts: ['*'], denied_urls: [{}], ports: [0], user_agent: 'a\nb', proxy: 'socks://x', unknown: 1,
    };
    for (const [key, value] of Object.entries(bad)) assert.ok(!urlPreviews.safeParse({ [key]: value }).success, key);
  });
});
