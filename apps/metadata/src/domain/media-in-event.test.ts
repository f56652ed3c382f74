import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toMxcText } from '@medley/domain/mxc-uri';
import { mediaInEvent } from './media-in-event.ts';

type Content = Readonly<Record<string, unknown>>;

const [A, B, C, D] = ['mxc://a.example/a', 'mxc://b.example:8448/B_-1', 'mxc://c.example/c', 'mxc://d.example/d'];
const file = (url: string): Content => ({ url, v: 'v2', key: { kty: 'oct', k: 'secret' }, iv: 'iv', hashes: { sha256: 'x' } });

function found(type: string, content: Content): readonly string[] {
  return mediaInEvent(type, content).map(toMxcText);
}

const PLACES: readonly [what: string, type: string, content: Content, expected: readonly string[]][] = [
  ['an image and its thumbnail', 'm.room.message', { msgtype: 'm.image', url: A, info: { thumbnail_url: B } }, [A, B]],
  ['an encrypted attachment and its thumbnail', 'm.room.message', { msgtype: 'm.file', file: file(A), info: { thumbnail_file: file(B) } }, [A, B]],
  ['an edit, before and after', 'm.room.message', { url: A, 'm.new_content': { url: B, file: file(C), info: { thumbnail_url: D } } }, [A, B, C, D]],
  ['a sticker', 'm.sticker', { body: 'x', url: A, info: { thumbnail_url: B } }, [A, B]],
  ['a room’s avatar', 'm.room.avatar', { url: A, info: { thumbnail_url: B } }, [A, B]],
  ['a member’s avatar', 'm.room.member', { membership: 'join', avatar_url: A }, [A]],
  ['an invited member’s avatar', 'm.room.member', { membership: 'invite', avatar_url: A }, [A]],
  ['a pack and its own avatar', 'im.ponies.room_emotes', { images: { x: { url: A }, y: { url: B } }, pack: { avatar_url: C } }, [A, B, C]],
  ['a pack by its later name', 'm.room.image_pack', { images: { x: { url: A } } }, [A]],
  ['a gallery', 'm.room.message', { msgtype: 'dm.filament.gallery', itemtypes: [{ itemtype: 'm.image', url: A, info: { thumbnail_url: B } }, { itemtype: 'm.file', file: file(C) }] }, [A, B, C]],
  ['an extensible event', 'm.image', { 'm.file': { url: A }, 'm.thumbnail': [{ 'm.file': { url: B } }] }, [A, B]],
  ['an extensible event by its first name', 'm.room.message', { 'org.matrix.msc1767.file': file(A), 'org.matrix.msc1767.thumbnail': [{ file: { url: B } }] }, [A, B]],
  ['images of formatted text', 'm.room.message', { formatted_body: `<p><img alt='x' src="${A}" height=32><IMG SRC = '${B}'></p><img src=${C}>` }, [A, B, C]],
  ['images of extensible formatted text', 'm.message', { 'm.text': [{ body: `<img src="${A}">`, mimetype: 'text/html' }, { body: `<img src="${B}">` }] }, [A]],
  ['a preview that the sender made', 'm.room.message', { 'com.beeper.linkpreviews': [{ 'og:image': A, matched_url: 'https://x' }] }, [A]],
  ['the avatar of a bridged sender', 'm.room.message', { 'com.beeper.per_message_profile': { avatar_url: A } }, [A]],
  ['a reaction with an emote', 'm.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$x', key: A } }, [A]],
  ['an event that nobody knows', 'com.example.thing', { url: A }, [A]],
  ['one that is named twice', 'm.room.message', { url: A, info: { thumbnail_url: A } }, [A]],
  ['a fragment and a query, which are cut off', 'm.room.message', { url: `${A}#auto`, info: { thumbnail_url: `${B}?width=3` } }, [A, B]],
];

const NOTHING: readonly [what: string, type: string, content: Content][] = [
  ['a text that speaks of media', 'm.room.message', { body: A, formatted_body: `see ${A}` }],
  ['an avatar that is empty', 'm.room.member', { membership: 'join', avatar_url: '' }],
  ['a member who has left', 'm.room.member', { membership: 'leave', avatar_url: A }],
  ['a member who is banned', 'm.room.member', { membership: 'ban', avatar_url: A }],
  ['other URLs', 'm.room.message', { url: 'https://a.example/a', info: { thumbnail_url: 'MXC://a.example/a' } }],
  ['an image of the web', 'm.room.message', { formatted_body: '<img src="https://a.example/a.png">' }],
  ['what is no mxc URI', 'm.room.message', { url: 'mxc://a.example/a/b', a: { url: 'mxc:///a' }, b: { url: 'mxc://a.example/' }, c: { url: 'mxc://a.example/a%20b' }, d: { url: 'mxc://a b/c' } }],
  ['other types of values', 'm.room.message', { url: 5, info: { thumbnail_url: [A], thumbnail_file: null }, file: A, formatted_body: [`<img src="${A}">`] }],
  ['what is as long as no URI is', 'm.room.message', { url: `mxc://a.example/${'a'.repeat(256)}`, file: { url: `mxc://a.example/a?${'b'.repeat(2000)}` } }],
];

describe('the media that an event uses', () => {
  for (const [what, type, content, expected] of PLACES) {
    it(`is ${what}`, () => assert.deepEqual(found(type, content), expected));
  }
  for (const [what, type, content] of NOTHING) {
    it(`is not ${what}`, () => assert.deepEqual(found(type, content), []));
  }

  it('is a thousand at most', () => {
    const images = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [index, { url: `mxc://a.example/${index}` }]));
    assert.equal(found('im.ponies.room_emotes', { images }).length, 1000);
  });

  it('is found in bounded depth, whatever else there is', () => {
    let deep: Content = { url: A };
    for (let depth = 0; depth < 5000; depth += 1) deep = { deep };
    assert.deepEqual(found('m.room.message', { deep, url: B }), [B]);
  });

  it('is found in time that grows with the text alone', () => {
    const slow = { formatted_body: '<img src='.repeat(7000) + 'src = "mxc://'.repeat(5000) + ' src'.repeat(10_000), url: `mxc://${'/'.repeat(60_000)}` };
    const startedAt = performance.now();
    found('m.room.message', slow);
    assert.ok(performance.now() - startedAt < 500, 'it took too long');
  });
});
