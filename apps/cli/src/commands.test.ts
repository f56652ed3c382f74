import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { makeSite, run, start } from './command.fixture.ts';

describe('the command line', () => {
  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /Usage: medley/],
    [['swep'], /unknown command 'swep'/],
    [['sweep', '--dry'], /unknown option '--dry'/],
    [['sweep', 'now'], /too many arguments/],
    [['scrub', '--after', 'ABC'], /--after.*SHA-256/],
    [['scrub', '--concurrency', '0'], /--concurrency.*1 to 99/],
    [['scrub', '--resume', 'x', '--after', 'a'.repeat(64)], /cannot be used with/],
    [['stats', '--connect', '--standalone'], /cannot be used with/],
    [['stats', '--progress'], /--progress needs --json/],
    [['stats', '--by', 'colour'], /--by.*user, origin, type, kind/],
    [['stats', '--limit', '0'], /--limit.*1 to 99/],
    [['config'], /Usage: medley config/],
  ];
  for (const [args, said] of mistakes) {
    it(`"${args.join(' ')}" is a mistake: exit code 2`, async () => {
      const { code, stderr, stdout } = await run(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, said);
    });
  }

  it('explains itself, and each command', async () => {
    for (const args of [['--help'], ['scrub', '--help'], ['help', 'sweep']]) {
      const { code, stdout } = await run(args);
      assert.equal(code, 0);
      assert.match(stdout, /--json/);
    }
  });
});

describe('a job', () => {
  it('runs on stores of its own, and tells people what it did', async () => {
    await using site = await makeSite();
    for (const [name, said] of [['expire', /removed 0 lapsed media ids/], ['sweep', /freed 0 B/], ['scrub', /nothing is wrong/], ['stats', /originals {2}0, 0 B/], ['retention', /remote media, at most 20 GiB: removed 0 media, 0 B/]] as const) {
      const { code, stdout, stderr } = await run([name, '--config', site.configPath]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, said);
      assert.equal(stderr, '', 'a bar is for terminals');
    }
  });

  it('answers with one JSON object in the last line, and with its progress on demand', async () => {
    await using site = await makeSite();
    const quiet = await run(['sweep', '--json', '--dry-run', '--config', site.configPath]);
    assert.equal(quiet.stderr, '');
    const answer = JSON.parse(quiet.stdout) as Record<string, unknown>;
    assert.deepEqual(answer, { command: 'sweep', ok: true, dry_run: true, condemned: 0, removed: 0, spared: 0, failed: 0, derived_removed: 0, freed_bytes: 0, staging_removed: 0 });
    const { stderr } = await run(['sweep', '--json', '--progress', '--config', site.configPath]);
    const steps = stderr.trimEnd().split('\n').map((line) => (JSON.parse(line) as { step: string }).step);
    assert.deepEqual(steps.at(-1), 'staging');
  });

  it('goes through the stores of all tenants, and names those that are one tenant’s', async () => {
    await using own = await makeTempDir();
    const retention = { max_local_bytes: '1G', rules: [{ name: 'old', kind: 'local', older_than: '1d' }] };
    await using site = await makeSite({ homeservers: [{ server_name: 'a.example' }, { server_name: 'b.example', storage: { path: own.path }, retention }], maintenance: { orphan_grace: '0s', removal_wait: '0s' } });
    const derived = join(own.path, 'derived', 'aa', 'a'.repeat(64));
    await mkdir(derived, { recursive: true });
    await writeFile(join(derived, 'crop-32x32'), 'x');
    await mkdir(join(own.path, 'owner'));
    await writeFile(join(own.path, 'owner', 'b.example'), '');
    for (const [args, said] of [
      [['stats'], /\n {2}the common store {2}0 originals, 0 B; 0 derived, 0 B\n {2}b\.example {2}0 originals, 0 B; 1 derived, 1 B/],
      [['scrub'], /^derived-without-source {2}a+\/crop-32x32 {2}in the store of b\.example\n/],
      [['sweep', '--wait'], /freed 1 B/],
      [['retention'], /b\.example: old: removed 0 media, 0 B\n.*\nlocal media of b\.example, at most 1 GiB: removed 0 media/],
    ] as const) {
      const { code, stdout, stderr } = await run([...args, '--config', site.configPath]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, said);
    }
  });

  it('fails in one line where the services can’t be reached: exit code 1', async () => {
    await using site = await makeSite({ grpc: { metadata: '127.0.0.1:1', storage: '127.0.0.1:1' } });
    const { code, stdout, stderr } = await run(['expire', '--connect', '--json', '--config', site.configPath]);
    assert.equal(code, 1);
    assert.match(stderr, /^medley: metadata is not available \(.*\)\n$/);
    const answer = JSON.parse(stdout) as { ok: boolean; error: string };
    assert.equal(answer.ok, false);
    assert.match(answer.error, /metadata is not available/);
  });

  it('calls the services of a cluster where the records are not embedded', async () => {
    await using site = await makeSite({ metadata: { kind: 'mongodb', uri: 'mongodb://127.0.0.1:1/' }, grpc: { metadata: '127.0.0.1:1', storage: '127.0.0.1:1' } });
    assert.match((await run(['expire', '--config', site.configPath])).stderr, /MetadataService\/ExpirePending/);
  });

  it('does not make a new Medley where it finds none', async () => {
    await using site = await makeSite({ data_dir: '/does/not/exist' });
    const { code, stderr } = await run(['stats', '--config', site.configPath]);
    assert.equal(code, 1);
    assert.match(stderr, /^medley: the data folder \/does\/not\/exist can't be reached.*\n$/);
  });

  it('says in one line why the stores can’t be opened', async () => {
    await using site = await makeSite();
    await writeFile(join(site.folder, 'data', 'metadata'), 'not a folder');
    const { code, stderr } = await run(['stats', '--config', site.configPath]);
    assert.equal(code, 1);
    assert.match(stderr, /^medley: could not open the stores: .*\n$/);
  });

  it('works on a try-out, which has no configuration', async () => {
    await using site = await makeSite();
    const { code, stderr } = await run(['stats'], { MEDLEY_DATA_DIR: join(site.folder, 'data') });
    assert.equal(code, 0, stderr);
  });

  it('refuses to go on from a file that is no checkpoint', async () => {
    await using site = await makeSite();
    const { code, stderr } = await run(['scrub', '--resume', site.configPath, '--config', site.configPath]);
    assert.equal(code, 1);
    assert.match(stderr, /is not the checkpoint of a scrub/);
    assert.ok(existsSync(site.configPath));
  });
});

describe('a job that is interrupted', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends in order on ${signal}, and leaves no process and no socket behind`, async () => {
      await using site = await makeSite({ maintenance: { removal_wait: '1h' } });
      const { child, ended } = start(['sweep', '--wait', '--json', '--progress', '--config', site.configPath], { TMPDIR: site.folder });
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await eventually(() => assert.match(said, /"step":"wait"/));
      const sockets = (await readdir(site.folder)).filter((name) => name.startsWith('medley-'));
      assert.equal(sockets.length, 1);
      child.kill(signal);
      const { code, stdout, stderr } = await ended; // which comes only when nobody holds its stderr any more
      assert.equal(code, 1);
      assert.match(stderr, /medley: interrupted/);
      assert.equal((JSON.parse(stdout) as { ok: boolean }).ok, false);
      assert.deepEqual((await readdir(site.folder)).filter((name) => name.startsWith('medley-')), []);
    });
  }

  it('takes its stores along when it is killed', async () => {
    await using site = await makeSite({ maintenance: { removal_wait: '1h' } });
    const { child, ended } = start(['sweep', '--wait', '--json', '--progress', '--config', site.configPath], { TMPDIR: site.folder });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await eventually(() => assert.match(said, /"step":"wait"/));
    child.kill('SIGKILL');
    await ended;
    assert.deepEqual((await readdir(site.folder)).filter((name) => name.startsWith('medley-')), []);
  });
});
