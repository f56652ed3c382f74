import { encoded, json, png, type GoldenPage } from './golden-page.ts';

const ORIGIN = '{origin}';

/** Videos, shops, code hosts, social sites and single-page apps. */
export const SITES: readonly GoldenPage[] = [
  {
    name: 'a video page with a player',
    path: '/watch?v=1',
    answers: {
      '/watch': `<head><meta property="og:site_name" content="Tube"><meta property="og:title" content="Cat &amp; piano"><meta property="og:type" content="video.other">
        <meta property="og:video" content="/embed/1"><meta property="og:video:width" content="1280"><meta property="og:video:height" content="720px">
        <meta property="og:video:url" content="javascript:alert(1)"><meta property="og:image" content="/cat.png"></head>`,
      '/cat.png': png(64, 36),
    },
    expected: {
      'og:site_name': 'Tube', 'og:title': 'Cat & piano', 'og:type': 'video.other', 'og:video': `${ORIGIN}/embed/1`, 'og:video:width': 1280,
    },
    image: [64, 36],
  },
  {
    name: 'a video page that leaves it to oEmbed',
    path: '/v/2',
    answers: {
      '/v/2': '<head><title>Loading…</title><link rel="alternate" type="application/json+oembed" href="/oembed?v=2"></head>',
      '/oembed': json({ version: '1.0', type: 'video', title: 'Dog &#39;n&#39; drum', provider_name: 'Clips', thumbnail_url: '/dog.png', width: 640, height: '360', html: `<iframe width=640 src="${ORIGIN}/player/2"></iframe>`, cache_age: 600 }),
      '/dog.png': png(48, 27),
    },
    expected: {
      'og:title': 'Dog \'n\' drum', 'og:site_name': 'Clips', 'og:type': 'video.other', 'og:url': `${ORIGIN}/v/2`,
      'og:video': `${ORIGIN}/player/2`, 'og:video:width': 640, 'og:video:height': 360,
    },
    image: [48, 27],
  },
  {
    name: 'a photo by oEmbed',
    path: '/p/3',
    answers: {
      '/p/3': '<head><link rel="alternative" type="application/json+oembed" href="/o/3"></head>',
      '/o/3': json({ version: 1, type: 'photo', title: 'Dunes', author_name: 'Di Ary', url: `${ORIGIN}/dunes.png`, width: 1, height: 1 }),
      '/dunes.png': png(30, 20),
    },
    expected: { 'og:title': 'Dunes', 'og:type': 'website', 'og:url': `${ORIGIN}/p/3`, 'article:author': 'Di Ary' },
    image: [30, 20],
  },
  {
    name: 'a short message by rich oEmbed',
    path: '/s/4',
    answers: {
      '/s/4': '<link rel=alternate type=application/json+oembed href=/o/4>',
      '/o/4': json({ type: 'rich', author_name: 'Sam', provider_name: 'Micro', html: '<blockquote><p>Hello &amp; bye</p>&mdash; Sam</blockquote><script src="x"></script>' }, 'text/javascript'),
    },
    expected: { 'og:title': 'Sam', 'og:site_name': 'Micro', 'og:type': 'website', 'og:url': `${ORIGIN}/s/4`, 'og:description': 'Hello & bye — Sam' },
  },
  {
    name: 'a link by oEmbed',
    path: '/l/5',
    answers: {
      '/l/5': '<link rel=alternate type=application/json+oembed href=/o/5>',
      '/o/5': json({ version: '1.0', type: 'link', title: 'Elsewhere' }),
    },
    expected: { 'og:title': 'Elsewhere', 'og:type': 'website', 'og:url': `${ORIGIN}/l/5` },
  },
  {
    name: 'a repository on a code host',
    path: '/ann/tool',
    answers: {
      '/ann/tool': `<head><meta name="twitter:image" content="/card.png"><meta property="og:image" content="/card.png"><meta property="og:image:width" content="1200">
        <meta property="og:site_name" content="CodeHub"><meta property="og:type" content="object"><meta property="og:title" content="ann/tool: does things">
        <meta property="profile:username" content="ann"><meta name="hostname" content="x"></head>`,
      '/card.png': png(60, 30),
    },
    expected: { 'og:site_name': 'CodeHub', 'og:type': 'object', 'og:title': 'ann/tool: does things', 'profile:username': 'ann' },
    image: [60, 30],
  },
  {
    name: 'a shop’s product',
    path: '/shop/mug',
    answers: {
      '/shop/mug': `<title>Mug – Shop</title><script type=application/ld+json>[{"@type":"Product","name":"Blue mug","description":"Holds tea.","image":["/m1.png","/m2.png"],"offers":{"price":"9"}}]</script>`,
      '/m2.png': png(12, 12),
    },
    expected: { 'og:title': 'Blue mug', 'og:description': 'Holds tea.' },
    image: [12, 12],
  },
  {
    name: 'a single-page app with only meta elements',
    path: '/app',
    answers: {
      '/app': '<!doctype html><html><head><meta charset="utf-8"/><meta content="The app" property="og:title"/><meta content="It runs" name="description"/></head><body><div id="root"></div><noscript>Enable JavaScript</noscript><script src="/main.js"></script></body></html>',
    },
    expected: { 'og:title': 'The app', 'og:description': 'It runs' },
  },
  {
    name: 'a page whose image lies in itself',
    path: '/data',
    answers: { '/data': `<title>Inline</title><meta property="og:image" content="data:image/png;base64,${Buffer.from(png(9, 7).body).toString('base64')}">` },
    expected: { 'og:title': 'Inline' },
    image: [9, 7],
  },
  {
    name: 'broken markup',
    path: '/broken',
    answers: {
      '/broken': '<html><head><title>Still <b>here</title><meta property=og:description content=\'it "works"\'<meta property="og:type"><meta property="og:site_name" content="Sloppy"><p></div></span><h1>Unclosed <a href="',
    },
    expected: { 'og:title': 'Still <b>here', 'og:description': 'it "works"', 'og:site_name': 'Sloppy' },
  },
  {
    name: 'text that would disturb what stands around it',
    path: '/bidi',
    answers: { '/bidi': '<meta property="og:title" content="a\u202eb&#x202E;c\u0000d\u0007  &lt;script&gt;"><meta property="og:description" content="\u200b \u2066">' },
    expected: { 'og:title': 'abc\ufffdd <script>' },
  },
  { name: 'an empty page', path: '/empty', answers: { '/empty': '' }, expected: {} },
  { name: 'an image', path: '/cat%20one.png', answers: { '/cat%20one.png': png(25, 24) }, expected: { 'og:title': 'cat one.png' }, image: [25, 24] },
  {
    name: 'a video file',
    path: '/clip.mp4',
    answers: { '/clip.mp4': { type: 'video/mp4', body: 'x' } },
    expected: { 'og:title': 'clip.mp4', 'og:video': `${ORIGIN}/clip.mp4`, 'og:video:type': 'video/mp4', 'og:type': 'video.other' },
  },
  {
    name: 'a song with a name in its headers',
    path: '/get/8',
    answers: { '/get/8': { type: 'audio/mpeg', body: 'x', headers: { 'content-disposition': 'attachment; filename="x.mp3"; filename*=UTF-8\'\'M%C3%BCsli.mp3' } } },
    expected: { 'og:title': 'Müsli.mp3', 'og:audio': `${ORIGIN}/get/8`, 'og:audio:type': 'audio/mpeg', 'og:type': 'music.song' },
  },
  {
    name: 'a PDF',
    path: '/a/paper.pdf',
    answers: { '/a/paper.pdf': { type: 'application/pdf', body: '%PDF-1.7' } },
    expected: { 'og:title': 'paper.pdf', 'og:description': 'PDF', 'og:type': 'website' },
  },
  { name: 'bytes without a type that are no page', path: '/raw', answers: { '/raw': encoded(undefined, [1, 2, 3]) }, expected: {} },
];
