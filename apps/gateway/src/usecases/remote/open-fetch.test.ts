import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { FetchMediaResponse } from '@medley/proto/federation-fetch';
import { untilStored } from './open-fetch.ts';

const HEADER = { contentType: 'text/plain', uploadName: undefined, sizeBytes: 1 };
const STORED = { digest: 'a'.repeat(64), sizeBytes: 1 };

it('a call is ended when it has said that all is stored, so that nothing waits for its deadline', async () => {
  let isOver = false;
  const parts = (async function* say(): AsyncGenerator<FetchMediaResponse> {
    try {
      yield { part: { $case: 'stored', value: STORED } };
    } finally {
      isOver = true;
    }
  })();
  assert.deepEqual(await untilStored({ header: HEADER, parts }), STORED);
  assert.ok(isOver);
});
