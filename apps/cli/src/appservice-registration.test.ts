import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeSite, run } from './command.fixture.ts';

const WHAT = ['appservice', 'registration', '--server', 'example.org', '--url', 'http://medley:8008/'];

describe('medley appservice registration', () => {
  it('writes the tokens of the configuration into a file that is for its owner alone, and overwrites none', async () => {
    const appservice = { hs_token: 'hs"1', as_token: 'as1', id: 'media', sender_localpart: 'bot' };
    await using site = await makeSite({ homeservers: [{ server_name: 'example.org', appservice }] });
    const out = join(site.folder, 'registration.yaml');
    const { code, stdout } = await run(['-c', site.configPath, ...WHAT, '--out', out]);
    assert.equal(code, 0);
    assert.equal(await readFile(out, 'utf8'), [
      'id: "media"', 'url: "http://medley:8008"', 'as_token: "as1"', 'hs_token: "hs\\"1"', 'sender_localpart: "bot"', 'rate_limited: false', 'receive_ephemeral: false',
      'namespaces:', '  users: []', '  aliases: []', '  rooms:', '    - exclusive: false', '      regex: "!.*"', '',
    ].join('\n'));
    assert.equal((await stat(out)).mode & 0o777, 0o600);
    assert.match(stdout, /registration\.yaml/);
    assert.doesNotMatch(stdout, /server_name/);
    const again = await run(['-c', site.configPath, ...WHAT, '--out', out]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /EEXIST/);
  });

  it('makes tokens where the configuration has none, other ones each time, and says where they belong', async () => {
    await using site = await makeSite();
    const texts = [await run(['-c', site.configPath, ...WHAT]), await run(['-c', site.configPath, ...WHAT])].map(({ stdout }) => stdout);
    const tokens = texts.map((text) => /^hs_token: "([A-Za-z0-9_-]{43})"$/m.exec(text)?.[1] ?? '');
    assert.equal(new Set(tokens).size, 2);
    assert.match(texts[0] ?? '', new RegExp(`^# +appservice: \\{"hs_token":"${tokens[0]}","as_token":"[^"]{43}"\\}$`, 'm'));
  });

  it('tells the same as JSON', async () => {
    await using site = await makeSite();
    const { stdout } = await run(['-c', site.configPath, '--json', ...WHAT]);
    const { hs_token: hsToken, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(typeof hsToken, 'string');
    assert.deepEqual([rest['ok'], rest['url'], rest['id'], rest['is_configured']], [true, 'http://medley:8008', 'medley', false]);
  });

  it('refuses a homeserver that is not configured, and a URL that is none', async () => {
    await using site = await makeSite();
    const other = await run(['-c', site.configPath, 'appservice', 'registration', '--server', 'other.org', '--url', 'http://medley']);
    assert.deepEqual([other.code, other.stderr], [1, 'medley: the configuration names no homeserver other.org\n']);
    assert.equal((await run(['-c', site.configPath, 'appservice', 'registration', '--server', 'example.org', '--url', 'medley:8008'])).code, 2);
  });
});
