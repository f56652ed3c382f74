import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFederated } from './federation-rules.ts';
import { parseServerName } from './server-name.ts';

describe('federation rules', () => {
  const cases: [string, { denied?: string[]; allowed?: string[]; enabled?: boolean }, boolean][] = [
    ['a.example', {}, true],
    ['a.example', { enabled: false }, false],
    ['a.example', { denied: ['a.example'] }, false],
    ['A.EXAMPLE:8448', { denied: ['a.example'] }, false],
    ['a.example', { denied: ['a.example:8448'] }, false],
    ['b.a.example', { denied: ['a.example'] }, true],
    ['b.a.example', { denied: ['*.a.example'] }, false],
    ['a.example', { denied: ['*.a.example'] }, true],
    ['nota.example', { denied: ['*.a.example'] }, true],
    ['a.example', { allowed: ['a.example'] }, true],
    ['b.example', { allowed: ['a.example'] }, false],
    ['b.example', { allowed: [] }, false],
    ['a.example', { allowed: ['a.example'], denied: ['a.example'] }, false],
    ['[2001:db8::1]:8448', { denied: ['[2001:db8::1]'] }, false],
  ];
  for (const [server, { denied = [], allowed, enabled = true }, expected] of cases) {
    it(`${expected ? 'let' : 'refuse'} ${server} with denied ${JSON.stringify(denied)}, allowed ${JSON.stringify(allowed)}${enabled ? '' : ', disabled'}`, () => {
      assert.equal(isFederated(parseServerName(server), { enabled, denied_servers: denied, allowed_servers: allowed }), expected);
    });
  }
});
