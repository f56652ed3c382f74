import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sendRaw } from '@medley/testing/raw-http';
import { assertError } from '../harness/expect.ts';
import { ENDPOINTS } from './endpoint-list.ts';
import type { System } from '../harness/system.ts';

const UNKNOWN = [
  'GET /_matrix/media/unknown',
  'GET /_matrix/media/v3/unknown',
  'GET /_matrix/client/v1/unknown',
  'GET /_matrix/client/v1/media/unknown',
  'GET /_matrix/federation/v1/unknown',
  'GET /_matrix',
  'GET /_matrix/',
  'GET /_matrix/media/v3/download',
  'GET /_matrix/media/v3/download/e2e.example',
  'GET /_matrix/media/v4/download/e2e.example/abc',
  'GET /_matrix/client/v1/media/download/e2e.example/abc/name/more',
  'GET /_matrix/client/v1/media/thumbnail/e2e.example/abc/name',
  'POST /_matrix/media/v3/create',
  'POST /_matrix/media/r0/create',
  'PUT /_matrix/media/r0/upload/e2e.example/abc',
  'POST /_matrix/client/v1/media/upload',
  'POST /_matrix/client/v1/media/create',
  'GET /_matrix/media/v3/DOWNLOAD/e2e.example/abc',
] as const;

/** Paths and methods that are not there (X2). */
export function describeUnknownPaths(system: System): void {
  describe('what is not there', () => {
    unknownPaths(system);
    wrongMethods(system);
    malformedTargets(system);
  });
}

function unknownPaths({ site }: System): void {
  for (const line of UNKNOWN) {
    it(`does not know ${line}, with a token or without`, async () => {
      const [method = '', path = ''] = line.split(' ');
      const user = site.user();
      assertError(await user.call(path, { method }), 404, 'M_UNRECOGNIZED');
      assertError(await user.call(path, { method, token: undefined }), 404, 'M_UNRECOGNIZED');
    });
  }
}

function wrongMethods({ site }: System): void {
  for (const { path, methods } of ENDPOINTS) {
    it(`knows ${path}, but not every method`, async () => {
      const user = site.user();
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].filter((one) => !methods.includes(one))) {
        assertError(await user.call(path, { method, token: undefined }), 405, 'M_UNRECOGNIZED');
      }
    });
  }
}

/** Paths are not normalised, so that a proxy's rules and ours are about the same text. */
function malformedTargets({ site }: System): void {
  const targets = ['/_matrix/client/v1/media/download/e2e.example/../../../../etc/passwd', '/_matrix/media/v3/download/e2e.example/abc\xff'];
  for (const target of [...targets, '/_matrix//media/v3/config', '//_matrix/media/v3/config']) {
    it(`finds nothing at ${JSON.stringify(target)}`, async () => {
      const answer = await sendRaw(site.ports.http, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.ok([400, 401, 404].includes(answer.status), `got ${answer.status} ${answer.body}`);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    });
  }
}
