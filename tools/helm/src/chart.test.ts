import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeTempDir } from '@medley/testing/temp-dir';
import { describeRealService } from '@medley/tool-real-services/skip';
import { goldenPath, isRenewing, readGolden, writeGolden, GOLDEN_CASES } from './golden.ts';
import { checkNetwork } from './network-policy.ts';
import { checkObjects } from './object-policy.ts';
import { workloadsOf } from './objects.ts';
import { checkPods } from './pod-policy.ts';
import { acquirePrograms } from './programs.ts';
import { CHART, KUBE_VERSION, listCases, parseObjects, renderText, valuesOf } from './render.ts';
import { writeSchemas } from './schemas.ts';

const run = promisify(execFile);
/** Without NetworkPolicies, and with more holes than usual. */
const OPEN = new Set(['no-network-policies', 'extras']);

await describeRealService('the Helm chart', acquirePrograms, ({ helm3, helm4, kubeconform }) => {
  test('there are values files for every way to use it', () => {
    assert.ok(listCases().length >= 12, listCases().join());
  });

  for (const name of listCases()) {
    test(`passes helm lint, in both versions, with ${name}`, async () => {
      for (const helm of [helm3, helm4]) await run(helm, ['lint', '--strict', CHART, '--kube-version', KUBE_VERSION, '--values', valuesOf(name)]);
    });

    test(`renders to the same with Helm 3 and 4, right by the schemas and by our rules, with ${name}`, async () => {
      const [text, other] = [await renderText(helm3, ['--values', valuesOf(name)]), await renderText(helm4, ['--values', valuesOf(name)])];
      const objects = parseObjects(text);
      assert.deepEqual(parseObjects(other), objects);
      await assertValid(kubeconform, text);
      assert.deepEqual([...checkPods(workloadsOf(objects)), ...checkObjects(objects)], []);
      if (!OPEN.has(name)) assert.deepEqual(checkNetwork(objects), []);
    });
  }

  for (const name of GOLDEN_CASES) {
    test(`renders to what ${goldenPath(name)} holds`, async () => {
      const text = await renderText(helm3, ['--values', valuesOf(name)]);
      if (isRenewing()) await writeGolden(name, text);
      assert.equal(text, await readGolden(name), 'if this is meant: MEDLEY_TEST_RENEW=1 npm test -w @medley/tool-helm, and read the difference');
    });
  }

  test('a kind or a key that Kubernetes does not know is found', async () => {
    const wrong = 'apiVersion: v1\nkind: Service\nmetadata: { name: x }\nspec: { port: [{ port: 80 }] }\n';
    await assert.rejects(assertValid(kubeconform, wrong), /additional properties 'port' not allowed/);
    await assert.rejects(assertValid(kubeconform, 'apiVersion: v1\nkind: Endpoints\nmetadata: { name: x }\n'), /could not find schema/);
  });
});

async function assertValid(kubeconform: string, text: string): Promise<void> {
  await using folder = await makeTempDir();
  const [schemas, rendered] = [await writeSchemas(folder.path), join(folder.path, 'rendered.yaml')];
  await writeFile(rendered, text);
  await run(kubeconform, ['-strict', '-schema-location', schemas, rendered]).catch((error: { readonly stdout: string }) => {
    throw new Error(error.stdout, { cause: error });
  });
}
