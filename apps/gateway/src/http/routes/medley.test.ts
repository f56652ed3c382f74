import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseYaml } from '@medley/config/yaml';
import { OpenApi } from '@medley/testing/open-api';
import { MEDLEY_ROUTES } from './medley.ts';

const DOCUMENT = join(import.meta.dirname, '../../../../../docs/reference/openapi.yaml');

describe('the OpenAPI document of Medley’s own API', () => {
  it('describes every route, and no other', async () => {
    const { operations } = new OpenApi(parseYaml(await readFile(DOCUMENT, 'utf8')));
    const described = operations.map(({ operationId, method, path }) => `${operationId}: ${method} /_medley/v1${path}`);
    const there = MEDLEY_ROUTES.flatMap(({ operation, method, paths }) => paths.map((path) => `${operation}: ${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`));
    assert.deepEqual(described.toSorted(), there.toSorted());
  });
});
