import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startMongoDb } from '@medley/tool-real-services/mongodb';
import { sendCommand } from '@medley/tool-real-services/mongodb-command.fixture';
import { acquireS3, startS3 } from '@medley/tool-real-services/s3';
import { realServiceOrSkip } from '@medley/tool-real-services/skip';
import { makeSite, run, start } from './command.fixture.ts';

const NOWHERE = {
  metadata: { kind: 'mongodb', uri: 'mongodb://127.0.0.1:1/' },
  storage: { kind: 's3', endpoint: 'http://127.0.0.1:1', bucket: 'medley', access_key: 'a-key', secret_key: 'a-secret' },
};

describe('medley setup', () => {
  it('makes the indexes and the bucket, and may be run again', async (t) => {
    const [mongodb, s3] = [await realServiceOrSkip(t, startMongoDb), await realServiceOrSkip(t, startS3)];
    if (mongodb === undefined || s3 === undefined) return;
    const port = Number(new URL(mongodb.uri).port);
    assert.doesNotMatch(await sendCommand(port, 'listIndexes', 'media'), /media_by_creation/);
    await using site = await makeSite({
      metadata: { kind: 'mongodb', uri: mongodb.uri, database: 'test' },
      storage: { kind: 's3', endpoint: s3.endpoint, region: s3.region, bucket: `${s3.bucketPrefix}new-one`, access_key: s3.accessKey, secret_key: s3.secretKey },
    });
    for (const times of ['once', 'again']) {
      const { code, stdout, stderr } = await run(['setup', '--config', site.configPath]);
      assert.equal(code, 0, `${times}: ${stderr}`);
      assert.equal(stdout, 'mongodb and s3 are ready\n');
    }
    assert.match(await sendCommand(port, 'listIndexes', 'media'), /media_by_creation/);
  });

  it('makes the bucket of every store, and says whose can not be used in time', async (t) => {
    const s3 = await realServiceOrSkip(t, acquireS3);
    if (s3 === undefined) return;
    const storage = { kind: 's3', endpoint: s3.endpoint, region: s3.region, bucket: `${s3.bucketPrefix}setup-all`, access_key: s3.accessKey, secret_key: s3.secretKey };
    const setUpWith = async (bucket: string, timeout: string) => {
      await using site = await makeSite({ storage, homeservers: [{ server_name: 'example.org' }, { server_name: 'own.example', storage: { bucket } }] });
      return await run(['setup', '--timeout', timeout, '--config', site.configPath]);
    };
    const { code, stderr } = await setUpWith(`${s3.bucketPrefix}setup-own`, '60s');
    assert.equal(code, 0, stderr);
    const failed = await setUpWith('Not_A_Bucket', '500ms');
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /not ready in time: the store of own\.example: /);
  });

  it('says which store does not answer in time: exit code 1', async () => {
    await using site = await makeSite(NOWHERE);
    const { code, stdout, stderr } = await run(['setup', '--timeout', '200ms', '--json', '--config', site.configPath]);
    assert.equal(code, 1);
    assert.match(stderr, /not ready in time: metadata store: .*; storage: /);
    assert.equal((JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { ok: boolean }).ok, false);
  });

  it('tells every mistake of the configuration: exit code 78', async () => {
    await using site = await makeSite(NOWHERE);
    const path = join(site.folder, 'wrong.yaml');
    await writeFile(path, 'uploads: { max_bytes: much }\n');
    const { code, stderr } = await run(['setup', '--config', path]);
    assert.equal(code, 78);
    assert.match(stderr, /uploads\.max_bytes.*\n.*homeservers|homeservers.*\n.*uploads\.max_bytes/);
  });

  it('has ready at once what is embedded', async () => {
    await using site = await makeSite();
    assert.equal((await run(['setup', '--config', site.configPath])).stdout, 'sqlite and filesystem are ready\n');
  });

  it('ends when it is asked to, while it waits', async () => {
    await using site = await makeSite(NOWHERE);
    const { child, ended } = start(['setup', '--config', site.configPath]);
    child.stderr?.once('data', () => child.kill('SIGTERM'));
    const { code, stderr } = await ended;
    assert.equal(code, 1);
    assert.match(stderr, /interrupted/);
  });

  it('takes no timeout that is none: exit code 2', async () => {
    assert.match((await run(['setup', '--timeout', 'soon'])).stderr, /--timeout.*duration/);
  });
});
