import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeSite, run } from './command.fixture.ts';

const SECRETS = { uri: 'mongodb://root:uri-secret@db/', access_key: 'access-secret', secret_key: 'key-secret', token: 'token-secret' };

describe('medley config check', () => {
  it('says what the configuration says, without secrets', async () => {
    await using site = await makeSite({
      metadata: { kind: 'mongodb', uri: SECRETS.uri, database: 'media' },
      storage: { kind: 's3', endpoint: 'https://user:url-secret@s3.example', bucket: 'bucket', access_key: SECRETS.access_key, secret_key: SECRETS.secret_key },
      grpc: { token: SECRETS.token },
    });
    for (const args of [['config', 'check', '--config', site.configPath], ['--json', '-c', site.configPath, 'config', 'check']]) {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 0, stderr);
      for (const told of ['example.org', '127.0.0.1:8008', 'mongodb, database media', 'bucket at https://s3.example']) assert.ok(stdout.includes(told), stdout);
      assert.doesNotMatch(stdout + stderr, /secret/);
    }
  });

  it('says where the bytes of each tenant lie that has a store of its own', async () => {
    const own = (storage: object) => [{ server_name: 'example.org' }, { server_name: 'own.example', storage }];
    const s3 = { kind: 's3', endpoint: 'https://s3.example', bucket: 'media', prefix: 'all/', access_key: 'a', secret_key: 'b' };
    for (const [config, told] of [
      [{ storage: s3, homeservers: own({ bucket: 'own-media', prefix: '' }) }, ['bytes       s3, bucket media, prefix all/ at https://s3.example\n', 'bytes of own.example s3, bucket own-media\n']],
      [{ homeservers: own({ path: '/srv/own' }) }, ['bytes of own.example files in /srv/own\n']],
    ] as const) {
      await using site = await makeSite(config);
      const { code, stdout, stderr } = await run(['config', 'check', '--config', site.configPath]);
      assert.equal(code, 0, stderr);
      for (const line of told) assert.ok(stdout.includes(line), stdout);
    }
  });

  it('tells every mistake at once and ends with 78, as every command does', async () => {
    await using site = await makeSite({ uploads: { max_bytes: 'much' }, maintenance: { orphan_grave: '1d' } });
    for (const args of [['config', 'check'], ['sweep'], ['stats', '--json']]) {
      const { code, stderr } = await run([...args, '--config', site.configPath]);
      assert.equal(code, 78);
      for (const key of ['uploads.max_bytes', 'orphan_grave']) assert.ok(stderr.includes(key), stderr);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
  });

  it('tells mistakes as JSON, too', async () => {
    await using site = await makeSite();
    const path = join(site.folder, 'broken.yaml');
    await writeFile(path, 'listen: { port: 99999 }');
    const { code, stdout } = await run(['config', 'check', '--json', '--config', path]);
    const answer = JSON.parse(stdout) as { ok: boolean; mistakes: string[] };
    assert.deepEqual([code, answer.ok, answer.mistakes.length], [78, false, 2]);
  });

  it('tells of a file that is not there', async () => {
    const { code, stderr } = await run(['config', 'check', '--config', '/does/not/exist.yaml']);
    assert.equal(code, 78);
    assert.match(stderr, /exist\.yaml.*ENOENT/);
  });
});
