/**
 * Renders the previews of all golden pages side by side, as a client might show them, into one HTML file, to be looked at:
 *
 *     node apps/url-preview/src/testing/gallery.ts gallery.html
 */
import { writeFile } from 'node:fs/promises';
import { startWeb, type Web } from '@medley/testing/scripted-web';
import type { FoundImage } from '../image.ts';
import type { Preview } from '../previewer.ts';
import { ARTICLES } from './golden/articles.ts';
import { ENCODINGS } from './golden/encodings.ts';
import type { GoldenPage } from './golden/golden-page.ts';
import { SITES } from './golden/sites.ts';
import { makePreviewer } from './make-previewer.ts';

const STYLE = `body{font:14px/1.4 system-ui,sans-serif;background:#eee;margin:24px}main{display:grid;grid-template-columns:repeat(auto-fill,minmax(290px,1fr));gap:16px}
  article{background:#fff;border-radius:8px;overflow:hidden;box-shadow:0 1px 3px #0003;padding-bottom:10px}h2{font-size:12px;font-weight:400;color:#555;background:#f6f6f6;margin:0;padding:6px 10px}
  .card{border-left:4px solid #0a7;margin:10px;padding-left:10px}.site{color:#666;font-size:12px}.title{font-weight:600;color:#06c;overflow-wrap:anywhere}.card p{margin:4px 0}
  img{max-width:120px;display:block;margin-top:6px;border:1px solid #ddd}dl{font:11px/1.35 monospace;color:#555;margin:8px 10px 0;display:grid;grid-template-columns:auto 1fr;gap:0 8px}dd{margin:0;overflow-wrap:anywhere}`;

/** All previews as one page. */
export async function renderGallery(): Promise<string> {
  await using web = await startWeb();
  await using previewer = makePreviewer();
  const cards: string[] = [];
  for (const page of [...ARTICLES, ...SITES, ...ENCODINGS]) {
    for (const [path, answer] of Object.entries(page.answers)) web.answers.set(path, answer);
    cards.push(toCard(page, await previewer.preview(`${web.origin}${page.path}`), web));
  }
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>URL previews</title><style>${STYLE}</style><h1>${cards.length} previews</h1><main>${cards.join('\n')}</main></html>\n`;
}

function toCard({ name }: GoldenPage, { properties, image }: Preview<FoundImage>, { origin }: Web): string {
  const text = (key: string): string => escape(String(properties.get(key) ?? ''));
  const rest = [...properties].filter(([key]) => !['og:title', 'og:description', 'og:site_name'].includes(key));
  const picture = image && `<img alt="${text('og:image:alt')}" src="data:${image.contentType};base64,${Buffer.from(image.bytes).toString('base64')}">`;
  const sizes: [string, string][] = image === undefined ? [] : [['og:image:width', String(image.width)], ['og:image:height', String(image.height)], ['matrix:image:size', String(image.bytes.byteLength)]];
  const pairs = [...rest, ...sizes].map(([key, value]) => `<dt>${escape(key)}</dt><dd>${escape(String(value).replaceAll(origin, 'https://web.example'))}</dd>`);
  const body = properties.size === 0 && image === undefined
    ? '<p><i>{}</i></p>'
    : `<div class="site">${text('og:site_name')}</div><div class="title" dir="auto">${text('og:title')}</div><p dir="auto">${text('og:description')}</p>${picture ?? ''}`;
  return `<article><h2>${escape(name)}</h2><div class="card">${body}</div><dl>${pairs.join('')}</dl></article>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

if (import.meta.main) await writeFile(process.argv[2] ?? 'gallery.html', await renderGallery());
