/**
 * Lints imports that break a boundary, and fails if the lint lets one pass. Nx's rule reads a cached project graph and says nothing
 * when there is none, so that a lint without errors is no proof by itself.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ESLint } from 'eslint';

const NX = '@nx/enforce-module-boundaries';
const RATIONS = '@typescript-eslint/no-restricted-imports';

const root = join(import.meta.dirname, '../../..');
const eslint = new ESLint({ cwd: root });

/** The boundary rules that complain when `file` imports `specifier`. */
async function complaints(file: string, specifier: string): Promise<string[]> {
  const source = `import * as imported from '${specifier}';\nexport const kept = imported;\n`;
  const results = await eslint.lintText(source, { filePath: join(root, file) });
  const rules = results.flatMap(({ messages }) => messages).map(({ ruleId }) => ruleId ?? 'syntax');
  return rules.filter((rule) => [NX, RATIONS, 'syntax'].includes(rule));
}

const forbidden: readonly (readonly [file: string, specifier: string, rule: string])[] = [
  ['apps/gateway/src/canary.ts', '@medley/metadata/app', NX],
  ['apps/gateway/src/canary.test.ts', '@medley/metadata/app', NX],
  ['apps/gateway/src/canary.ts', '../../metadata/src/app.ts', NX],
  ['apps/gateway/src/canary.ts', '@medley/testing/fake-homeserver', NX],
  ['apps/gateway/src/canary.ts', '@medley/tool-real-services/s3', NX],
  ['apps/e2e/src/canary.test.ts', '@medley/gateway/app', NX],
  ['libs/runtime/src/canary.ts', '@medley/gateway/app', NX],
  ['libs/domain/src/canary.ts', '@medley/runtime/shutdown', NX],
  ['libs/streams/src/canary.ts', '@medley/runtime/shutdown', NX],
  ['tools/size/src/canary.ts', '@medley/gateway/app', NX],
  ['apps/storage/src/canary.ts', 'koa', RATIONS],
  ['apps/storage/src/canary.ts', '@koa/router', RATIONS],
  ['libs/runtime/src/canary.ts', 'koa', RATIONS],
  ['apps/gateway/src/canary.ts', 'mongodb', RATIONS],
  ['apps/gateway/src/canary.ts', 'node:sqlite', RATIONS],
  ['apps/gateway/src/canary.ts', 'minio', RATIONS],
  ['apps/gateway/src/canary.ts', 'sharp', RATIONS],
  ['apps/gateway/src/canary.ts', 'undici', RATIONS],
  ['apps/gateway/src/canary.ts', '@medley/safe-fetch/safe-fetch', RATIONS],
  ['apps/thumbnail/src/canary.ts', 'parse5-sax-parser', RATIONS],
  ['apps/gateway/src/canary.ts', '@grpc/grpc-js', RATIONS],
  ['apps/gateway/src/canary.ts', 'nice-grpc-common', RATIONS],
  ['apps/gateway/src/canary.ts', 'pino', RATIONS],
  ['apps/gateway/src/canary.ts', '@opentelemetry/api', RATIONS],
  ['apps/gateway/src/canary.ts', 'zod', RATIONS],
  ['apps/gateway/src/canary.ts', 'yaml', RATIONS],
  ['apps/storage/src/rpc/canary.ts', '../adapters/s3/s3-blob-store.ts', RATIONS],
  ['apps/storage/src/main.ts', './adapters/s3/s3-blob-store.ts', RATIONS],
];

const allowed: readonly (readonly [file: string, specifier: string])[] = [
  ['apps/gateway/src/canary.ts', 'koa'],
  ['apps/gateway/src/canary.ts', '@medley/domain/media-error'],
  ['apps/gateway/src/canary.ts', '@medley/runtime/shutdown'],
  ['apps/gateway/src/canary.test.ts', '@medley/testing/fake-homeserver'],
  ['apps/storage/src/adapters/s3/canary.test.ts', '@medley/tool-real-services/s3'],
  ['apps/storage/src/app.ts', './adapters/s3/s3-blob-store.ts'],
  ['apps/storage/src/adapters/s3/canary.ts', './s3-client.ts'],
  ['apps/metadata/src/adapters/sqlite/canary.ts', 'node:sqlite'],
  ['apps/url-preview/src/canary.ts', '@medley/safe-fetch/safe-fetch'],
  ['apps/url-preview/src/canary.ts', 'parse5-sax-parser'],
  ['apps/medley/src/canary.ts', '@medley/gateway/app'],
  ['tools/test/src/canary.ts', '@medley/tool-real-services/s3'],
  ['tools/bench/src/canary.ts', 'undici'],
  ['tools/bench/src/canary.ts', '@medley/gateway/app'],
];

for (const [file, specifier, rule] of forbidden) {
  test(`${file} may not import ${specifier}`, async () => {
    assert.deepEqual(await complaints(file, specifier), [rule]);
  });
}

test('a rationed package may not be loaded later either', async () => {
  const results = await eslint.lintText("export const loaded = await import('@koa/router');\n", {
    filePath: join(root, 'apps/storage/src/canary.ts'),
  });
  assert.deepEqual(results[0]?.messages.map(({ ruleId }) => ruleId), ['no-restricted-syntax']);
});

for (const [file, specifier] of allowed) {
  test(`${file} may import ${specifier}`, async () => {
    assert.deepEqual(await complaints(file, specifier), []);
  });
}
