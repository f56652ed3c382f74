import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askForbidden } from './testing/forbidden.ts';
import { hostileAddresses } from './testing/hostile-addresses.ts';

const LOOPBACK = [{ id: 1, host: '127.0.0.1' }, { id: 2, host: 'inner.example.com', answers: ['127.0.0.1'] }];

test('no link, redirect, picture, oEmbed or name leads to an address that is forbidden', async () => {
  const { forbidden, reached, siteRequests, works } = await askForbidden(hostileAddresses(1, 0).filter(({ id }) => id % 5 === 0));
  assert.deepEqual([forbidden, reached, works], [0, [], true]);
  assert.ok(siteRequests > 50, `${siteRequests} requests`);
});

test('a policy that opens this machine is found out, in each of the ways', async () => {
  const { forbidden, reached } = await askForbidden(LOOPBACK, ['127.0.0.1/32']);
  assert.deepEqual(reached, ['127.0.0.1']);
  assert.ok(forbidden >= 8, `${forbidden} connections`);
});
