import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { it } from 'node:test';
import { workOf, type Work } from './work.ts';

const CASES: readonly (readonly [string, Work])[] = [
  ['GET /_matrix/client/v1/media/thumbnail/a.example/x?width=1', 'thumbnail'],
  ['GET /_matrix/media/r0/thumbnail/b.example/x', 'thumbnail'],
  ['GET /_matrix/federation/v1/media/thumbnail/x', 'thumbnail'],
  ['GET /_matrix/client/v1/media/preview_url?url=x', 'preview'],
  ['POST /_matrix/media/v3/upload?filename=x', 'upload'],
  ['PUT /_matrix/media/v3/upload/a.example/x', 'upload'],
  ['GET /_matrix/client/v1/media/download/a.example/x/name', 'download'],
  ['HEAD /_matrix/media/v3/download/a.example/x', 'download'],
  ['GET /_matrix/federation/v1/media/download/x', 'download'],
  ['GET /_matrix/client/v1/media/download/b.example/x', 'remote'],
  ['OPTIONS /_matrix/client/v1/media/thumbnail/a.example/x', 'other'],
  ['GET /_matrix/client/v1/media/config', 'other'],
  ['POST /_matrix/media/v1/create', 'other'],
  ['GET /_medley/v1/media/thumbnail', 'other'],
  ['GET /_synapse/admin/v1/media/a.example/download', 'other'],
  ['GET /', 'other'],
];

for (const [line, expected] of CASES) {
  it(`${line} is work of the kind ${expected}`, () => {
    const [method = '', url = ''] = line.split(' ');
    const request = { method, url } as IncomingMessage; // all that is looked at
    assert.equal(workOf(request, (origin) => origin === 'a.example'), expected);
  });
}
