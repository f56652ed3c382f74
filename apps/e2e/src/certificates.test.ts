import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { readBlocks, toSteps } from '@medley/tool-docs/markdown';
import { readPage } from '@medley/tool-docs/pages';
import { Mains } from './harness/mains.ts';
import { Site } from './harness/site.ts';
import { runSteps } from './harness/steps.ts';
import { SERVICES } from './harness/system.ts';

const SERVER_AND_CLIENT = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const skip = !hasOpenssl && 'there is no openssl here';

it('the certificates of the page are good for each service, and let the services talk', { skip, timeout: 240_000 }, async () => {
  await using folder = await makeTempDir();
  const { text } = await readPage('docs/how-to/tls.md');
  const [step, ...others] = toSteps(readBlocks(text));
  assert.ok(step !== undefined && others.length === 0);
  await runSteps([step], { cwd: folder.path });
  const read = async (name: string): Promise<X509Certificate> => new X509Certificate(await readFile(join(folder.path, 'tls', name)));
  const authority = await read('ca.crt');
  for (const service of SERVICES) {
    const certificate = await read(`${service}.crt`);
    assert.ok(certificate.checkIssued(authority) && certificate.verify(authority.publicKey), service);
    assert.deepEqual([certificate.checkHost(service), certificate.keyUsage], [service, SERVER_AND_CLIENT]);
  }

  // The services of a test are at numbers: one certificate of the same making, for those.
  const forNumbers = step.commands.replace('DNS:%s', 'IP:127.0.0.1,DNS:%s');
  await runSteps([{ ...step, commands: forNumbers }], { cwd: folder.path });
  const file = (name: string): string => join(folder.path, 'tls', name);
  await using mains = await Mains.start(await Site.open({
    config: { grpc: { tls: { ca_file: file('ca.crt'), cert_file: file('gateway.crt'), key_file: file('gateway.key') } } },
  }));
  const user = mains.site.user();
  assert.equal((await user.download(await user.upload('a secret'))).body.toString(), 'a secret');
});
