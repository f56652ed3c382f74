import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { FakeRemote } from '@medley/testing/fake-remote';
import { encodePng } from '@medley/testing/png';
import { makeTempDir } from '@medley/testing/temp-dir';
import { readBlocks, toSteps } from '@medley/tool-docs/markdown';
import { readPage } from '@medley/tool-docs/pages';
import { readThumbnail } from './endpoints/thumbnail.ts';
import { REMOTE_CONFIG } from './federation/remote-scene.ts';
import { Mains } from './harness/mains.ts';
import { Site } from './harness/site.ts';
import { runSteps } from './harness/steps.ts';
import { SERVICES } from './harness/system.ts';
import { metricsTargets, scrape } from './telemetry/observed.ts';

const SERVER_AND_CLIENT = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const skip = !hasOpenssl && 'there is no openssl here';

it('the certificates of the page are good for each service, and let the services talk and move bytes', { skip, timeout: 240_000 }, async () => {
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
  await using remote = await FakeRemote.start();
  await using mains = await Mains.start(await Site.open({
    config: {
      ...REMOTE_CONFIG,
      thumbnails: { max_source_bytes: '8M' },
      grpc: { tls: { ca_file: file('ca.crt'), cert_file: file('gateway.crt'), key_file: file('gateway.key') } },
      // so that every byte takes storage's own port
      storage: { kind: 'filesystem', shared: false },
    },
  }));
  const user = mains.site.user();
  assert.equal((await user.download(await user.upload('a secret'))).body.toString(), 'a secret');
  const picture = encodePng({ width: 800, height: 600, pixel: () => [...randomBytes(3)] });
  const uri = await user.upload(picture, { type: 'image/png' });
  assert.deepEqual((await user.download(uri)).body, picture);
  assert.deepEqual((await user.download(uri, { headers: { range: 'bytes=500000-1200000' } })).body, picture.subarray(500_000, 1_200_001));
  assert.equal(readThumbnail(await user.thumbnail(uri, { width: 32, height: 32, method: 'crop' })).width, 32);
  remote.media.set('far', { bytes: picture, contentType: 'image/png' });
  assert.deepEqual((await user.download(parseMxcParts(remote.serverName, 'far'))).body, picture);

  const scraped = await scrape(metricsTargets(mains.site).storage);
  for (const [direction, least] of [['in', 2], ['out', 2.4]] as const) {
    const bytes = Number(new RegExp(`^medley_http_bytes_total\\{(?=.*server="data")(?=.*direction="${direction}").*\\} ([0-9]+)`, 'm').exec(scraped)?.[1]);
    assert.ok(bytes > least * picture.byteLength, `${bytes} bytes went ${direction}`);
  }
  const { data } = mains.site.ports;
  await assert.rejects(fetch(`http://127.0.0.1:${data}/`), 'the data port speaks plain HTTP');
});
