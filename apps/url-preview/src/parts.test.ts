import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { urlPreviews } from '@medley/config/url-previews';
import { paintPng } from '@medley/testing/images';
import { cleanText, shorten } from './extract/clean-text.ts';
import { oEmbedEndpoint } from './extract/oembed.ts';
import { OEMBED_PROVIDERS } from './extract/oembed-providers.ts';
import { parseJson } from './extract/parse-json.ts';
import { readFreshness } from './freshness.ts';
import { readImageSize } from './image-size.ts';
import { ParserPool } from './page/parser-pool.ts';
import { toFetchPolicy, userAgentFor } from './url-policy.ts';

const forever = new AbortController().signal;

describe('oEmbedEndpoint', () => {
  it('knows the pages of known providers', () => {
    const ask = (url: string): string | undefined => oEmbedEndpoint(url, OEMBED_PROVIDERS)?.split('?')[0];
    assert.equal(ask('https://x.com/ann/status/1'), 'https://publish.x.com/oembed');
    assert.equal(ask('https://m.youtube.com/shorts/a'), 'https://www.youtube.com/oembed');
    assert.equal(ask('http://www.youtube.com/watch?v=a'), 'https://www.youtube.com/oembed');
    assert.equal(ask('https://vimeo.com/1'), 'https://vimeo.com/api/oembed.json');
    for (const url of ['https://x.com/ann', 'https://evil.example/www.youtube.com/watch?v=a', 'https://vimeo.com.evil.example/1']) assert.equal(ask(url), undefined);
  });
});

describe('readFreshness', () => {
  const read = (headers: Readonly<Record<string, string>>): number | undefined => readFreshness((name) => headers[name]);

  it('reads what HTTP says of keeping', () => {
    assert.equal(read({}), undefined);
    assert.equal(read({ 'cache-control': 'public, max-age=60' }), 60_000);
    assert.equal(read({ 'cache-control': 'max-age=60, s-maxage=90', age: '30' }), 60_000);
    assert.equal(read({ 'cache-control': 'no-store, max-age=60' }), 0);
    assert.equal(read({ 'cache-control': 'max-age=10', age: '30' }), 0);
    assert.equal(read({ expires: 'Thu, 01 Jan 2026 00:01:00 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' }), 60_000);
    assert.equal(read({ expires: '0' }) ?? 0, 0);
  });
});

describe('readImageSize', () => {
  it('reads the four kinds that clients show', () => {
    const jpeg = Buffer.from('ffd8ffe0000400aaffffc0000b080010002003', 'hex');
    const webp = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBPVP8X', 'latin1'), Buffer.from('0a00000000000000', 'hex'), Buffer.from('0f00001f0000', 'hex')]);
    assert.deepEqual(readImageSize(paintPng(7, 9)), { contentType: 'image/png', width: 7, height: 9 });
    assert.deepEqual(readImageSize(jpeg), { contentType: 'image/jpeg', width: 32, height: 16 });
    assert.deepEqual(readImageSize(Buffer.from('GIF89a\x05\0\x06\0', 'latin1')), { contentType: 'image/gif', width: 5, height: 6 });
    assert.deepEqual(readImageSize(webp), { contentType: 'image/webp', width: 16, height: 32 });
  });

  it('knows nothing else, nothing cut and nothing without an area, and ends', () => {
    const bad = ['', 'GIF89a', 'GIF89a\0\0\0\0', '<svg/>', '\xff\xd8\xff\xe0', '\xff\xd8\xff\xe0\0\0', 'RIFF\0\0\0\0WEBPXXXX0000000000'];
    for (const text of bad) assert.equal(readImageSize(Buffer.from(text, 'latin1')), undefined, text);
    assert.equal(readImageSize(Buffer.alloc(1_000_000, 0xff)), undefined);
  });
});

describe('texts', () => {
  it('are cleaned, and cut between words and characters', () => {
    assert.equal(cleanText(' a\u0000b\u202e\n\tc\ud800 '), 'ab c\ufffd');
    assert.equal(shorten('one two three', 9), 'one two…');
    assert.equal(shorten('🙂🙂🙂', 4), '🙂…');
    assert.equal(shorten('short', 9), 'short');
  });

  it('of JSON are refused beyond a depth', () => {
    assert.deepEqual(parseJson('{"a":[1]}'), { a: [1] });
    assert.equal(parseJson('['.repeat(21) + ']'.repeat(21)), undefined);
    assert.equal(parseJson('{'), undefined);
  });
});

describe('the policy', () => {
  it('refuses URLs of which all parts fit a rule', () => {
    const rules = [{ host: '*.example', path: '/private/*' }, { scheme: 'http', port: '80' }];
    const { judge } = toFetchPolicy(urlPreviews.parse({ denied_urls: rules }));
    const isRefused = (url: string): boolean => judge?.(new URL(url)) !== undefined;
    assert.deepEqual(['https://a.example/private/x', 'http://other.test/', 'https://a.example/', 'https://example/private/x'].map(isRefused), [true, true, false, false]);
  });

  it('names itself differently to sites that want that', () => {
    const config = urlPreviews.parse({ user_agents: [{ hosts: ['*.x.test', 'x.test'], user_agent: 'Other/1' }] });
    assert.deepEqual(['https://x.test/', 'https://a.x.test/', 'https://ax.test/'].map((url) => userAgentFor(url, config)), ['Other/1', 'Other/1', config.user_agent]);
  });
});

describe('ParserPool', () => {
  it('parses more pages than it has threads, and goes on after somebody left', async () => {
    await using pool = new ParserPool(1);
    const leaving = new AbortController();
    const left = pool.parse(Buffer.from('<svg>'.repeat(300_000)), 'text/html', leaving.signal);
    leaving.abort(new Error('left'));
    await assert.rejects(left, /left/);
    const pages = await Promise.all(['a', 'b', 'c'].map((title) => pool.parse(Buffer.from(`<title>${title}</title>`), 'text/html', forever)));
    assert.deepEqual(pages.map(({ title }) => title), ['a', 'b', 'c']);
  });
});
