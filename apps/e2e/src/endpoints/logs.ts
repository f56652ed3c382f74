import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { System } from '../harness/system.ts';

/** What the services said while the other suites were running; comes last. */
export function describeLogs({ site, program }: System): void {
  describe('the logs', () => {
    it('tell of no bug', () => {
      const bugs = program.logs.filter((line) => line['level'] === 'error' || line['level'] === 'fatal' || line['level'] === undefined);
      assert.deepEqual(bugs, []);
    });

    it('show no token, also none that came in a query', () => {
      const text = JSON.stringify(program.logs);
      const tokens = new Set(site.homeserver.calls.map((call) => call.token).filter((token) => token.length > 8));
      assert.ok(tokens.size > 50);
      for (const token of tokens) assert.ok(!text.includes(token), 'a token is in the logs');
    });

    it('show no name of an upload', () => {
      assert.doesNotMatch(JSON.stringify(program.logs), /secret name|name%20with%20spaces|name with spaces/);
    });
  });
}
