import assert from 'node:assert/strict';
import { it } from 'node:test';
import { toTrashTimes } from './trash-times.ts';

it('the trash keeps media for as long as its tenant says, and else as is said for all', () => {
  const homeservers = [{ server_name: 'a.example', retention: {} }, { server_name: 'b.example', retention: { trash: 0 } }, { server_name: 'c.example', retention: { trash: 5 } }];
  const trashOf = toTrashTimes({ retention: { trash: 7 }, homeservers });
  assert.deepEqual(['a.example', 'b.example', 'c.example', 'remote.example'].map(trashOf), [7, 0, 5, 7]);
});
