import { png, type GoldenPage } from './golden-page.ts';

const ORIGIN = '{origin}';

/** News, blogs, wikis, forums and documentation. */
export const ARTICLES: readonly GoldenPage[] = [
  {
    name: 'a news article with all of Open Graph',
    path: '/news/1',
    answers: {
      '/news/1': `<!doctype html><html lang=en><head><meta charset=utf-8><title>Ice on Mars | The Daily</title>
        <meta property="og:title" content="Ice found on Mars"><meta property="og:type" content="article">
        <meta property="og:url" content="${ORIGIN}/news/1"><meta property="og:site_name" content="The Daily">
        <meta property="og:description" content="A probe has found water ice.&nbsp;It is old.">
        <meta property="og:image" content="/news/ice.png"><meta property="og:image:width" content="9999"><meta property="og:image:alt" content="Ice, blue">
        <meta property="article:published_time" content="2026-01-02T03:04:05Z"><meta property="article:author" content="Ann Author">
        <meta property="article:tag" content="mars"><meta property="article:tag" content="ice">
        <meta name="twitter:title" content="Not this one"></head><body><h1>Ice!</h1></body></html>`,
      '/news/ice.png': png(120, 63),
    },
    expected: {
      'og:title': 'Ice found on Mars', 'og:type': 'article', 'og:url': `${ORIGIN}/news/1`, 'og:site_name': 'The Daily',
      'og:description': 'A probe has found water ice. It is old.', 'og:image:alt': 'Ice, blue',
      'article:published_time': '2026-01-02T03:04:05Z', 'article:author': 'Ann Author', 'article:tag': 'mars',
    },
    image: [120, 63],
  },
  {
    name: 'a news article that speaks JSON-LD alone',
    path: '/news/2',
    answers: {
      '/news/2': `<html><head><title>x</title><script type="application/ld+json">{"@context":"https://schema.org","@graph":[
        {"@type":"BreadcrumbList","name":"Where you are"},
        {"@type":["NewsArticle"],"headline":"Bridge opens","description":"After nine years.","datePublished":"2026-02-01",
         "author":[{"@type":"Person","name":"Bo Writer"}],"publisher":{"name":"City Times"},"image":{"@type":"ImageObject","url":"/bridge.png"}}]}</script></head></html>`,
      '/bridge.png': png(40, 30),
    },
    expected: {
      'og:title': 'Bridge opens', 'og:description': 'After nine years.', 'og:site_name': 'City Times',
      'article:published_time': '2026-02-01', 'article:author': 'Bo Writer',
    },
    image: [40, 30],
  },
  {
    name: 'a wiki page without any meta elements',
    path: '/wiki/Moss',
    answers: {
      '/wiki/Moss': `<!DOCTYPE html><html><head><title>Moss – Wiki</title></head><body><header><p>Log in</p></header><nav>Home</nav><h1>Moss</h1>
        <p><b>Mosses</b> are small plants.</p><script>var x = "not text";</script><table><tr><td><img src="/dot.png" width=2 height=2></td></tr></table>
        <p>They grow in damp places.</p><img src="/moss.png" width="200" height="150"><footer>Imprint</footer></body></html>`,
      '/moss.png': png(20, 15),
      '/dot.png': png(2, 2),
    },
    expected: { 'og:title': 'Moss – Wiki', 'og:description': 'Moss Mosses are small plants. They grow in damp places.' },
    image: [20, 15],
  },
  {
    name: 'a blog with a description and an icon',
    path: '/blog',
    answers: {
      '/blog': `<html><head><title> My
        blog </title><meta name="Description" content="Thoughts"><link rel="shortcut icon" href="/f.ico"><link rel="apple-touch-icon" sizes="180x180" href="/touch.png"></head></html>`,
      '/touch.png': png(18, 18),
      '/f.ico': { type: 'image/x-icon', body: Buffer.from([0, 0, 1, 0]) },
    },
    expected: { 'og:title': 'My blog', 'og:description': 'Thoughts' },
    image: [18, 18],
  },
  {
    name: 'a forum thread with a Twitter card',
    path: '/t/7',
    answers: {
      '/t/7': `<head><meta name="twitter:card" content="summary"><meta name="twitter:title" content="How do I?"><meta name="twitter:description" content="I tried.">
        <meta name="twitter:site" content="@forum"><meta name="twitter:image" content="${ORIGIN}/q.png"><meta name="twitter:creator" content="@me"></head>`,
      '/q.png': png(10, 11),
    },
    expected: { 'og:title': 'How do I?', 'og:description': 'I tried.', 'og:site_name': '@forum' },
    image: [10, 11],
  },
  {
    name: 'documentation whose base element moves everything',
    path: '/docs/index.html',
    answers: {
      '/docs/index.html': '<head><base href="/static/v2/"><title>API</title><meta property="og:image" content="logo.png"><meta property="og:url" content="guide"></head>',
      '/static/v2/logo.png': png(32, 16),
    },
    expected: { 'og:title': 'API', 'og:url': `${ORIGIN}/static/v2/guide` },
    image: [32, 16],
  },
  {
    name: 'a long text, cut between words',
    path: '/long',
    answers: { '/long': `<title>Long</title><meta property="og:description" content="${'lorem ipsum '.repeat(200)}">` },
    expected: { 'og:title': 'Long', 'og:description': `${'lorem ipsum '.repeat(42).slice(0, 497).trimEnd()}…` },
  },
];
