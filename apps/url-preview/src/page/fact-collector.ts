import type { StartTag } from 'parse5-sax-parser';
import type { Link, Meta, PageFacts, PageImage } from './page-facts.ts';
import { TextCollector } from './text-collector.ts';

const MAX_METAS = 300;
const MAX_LINKS = 60;
const MAX_IMAGES = 40;
const MAX_SCRIPTS = 4;
const MAX_SCRIPT_CHARS = 64 * 1024;
const MAX_TITLE_CHARS = 2000;
/** Longer ones are data, which only images may have. */
const MAX_VALUE_CHARS = 8 * 1024;
const MAX_IMAGE_URL_CHARS = 512 * 1024;

/** The first of these that has text is the title. */
const TITLE_TAGS = ['title', 'h1', 'h2', 'h3'] as const;
type TitleTag = (typeof TITLE_TAGS)[number];
const LINK_KINDS = /\b(alternate|alternative|icon|apple-touch-icon|image_src)\b/;

type Attributes = ReadonlyMap<string, string>;

/** Collects facts while a page is being parsed. It keeps no tree, and no more of anything than it may. */
export class FactCollector {
  readonly #metas: Meta[] = [];
  readonly #links: Link[] = [];
  readonly #images: PageImage[] = [];
  readonly #scripts: string[] = [];
  readonly #titles = new Map<TitleTag, string>();
  readonly #text = new TextCollector();
  #base: string | undefined;
  /** The title or script whose text comes. */
  #open: { readonly tag: string; text: string } | undefined;
  #isInSvg = 0;

  startTag({ tagName, attrs, selfClosing }: Pick<StartTag, 'tagName' | 'attrs' | 'selfClosing'>): void {
    if (tagName === 'svg' && !selfClosing) this.#isInSvg += 1;
    const get = new Map(attrs.slice(0, 60).map(({ name, value }) => [name, value]));
    this.#text.startTag(tagName, get.get('role') ?? '');
    this.#note(tagName, get);
    if (this.#isInSvg > 0) return;
    if (tagName === 'script' && isJsonLd(get) && this.#scripts.length < MAX_SCRIPTS) this.#open = { tag: tagName, text: '' };
    if (isTitleTag(tagName) && !this.#titles.has(tagName)) this.#open = { tag: tagName, text: '' };
  }

  endTag(tagName: string): void {
    if (tagName === 'svg' && this.#isInSvg > 0) this.#isInSvg -= 1;
    this.#text.endTag(tagName);
    if (this.#open?.tag === tagName) this.#close(this.#open);
  }

  /** Text between tags. */
  addText(text: string): void {
    const open = this.#open;
    if (open === undefined) return this.#text.addText(text);
    const room = (open.tag === 'script' ? MAX_SCRIPT_CHARS + 1 : MAX_TITLE_CHARS) - open.text.length;
    open.text += text.slice(0, Math.max(0, room));
    if (open.tag.startsWith('h')) this.#text.addText(text);
  }

  /** What was found. */
  finish(): Omit<PageFacts, 'encoding' | 'encodingBy' | 'isCut'> {
    if (this.#open !== undefined) this.#close(this.#open);
    const titleTag = TITLE_TAGS.find((tag) => this.#titles.has(tag));
    return {
      base: this.#base,
      metas: this.#metas,
      links: this.#links,
      images: this.#images,
      title: titleTag && this.#titles.get(titleTag),
      text: this.#text.summary,
      jsonLd: this.#scripts,
    };
  }

  #note(tagName: string, get: Attributes): void {
    switch (tagName) {
      case 'meta':
        return this.#noteMeta(get);
      case 'link':
        return this.#noteLink(get);
      case 'base':
        this.#base ??= short(get.get('href'));
        return;
      case 'img':
        return this.#noteImage(get);
    }
  }

  #noteMeta(get: Attributes): void {
    const name = get.get('property') ?? get.get('name') ?? get.get('itemprop');
    const content = get.get('content');
    if (name === undefined || name.length > 100 || content === undefined || content.trim() === '') return;
    const limit = name.includes('image') ? MAX_IMAGE_URL_CHARS : MAX_VALUE_CHARS;
    if (this.#metas.length < MAX_METAS && content.length <= limit) this.#metas.push({ name: name.trim().toLowerCase(), content });
  }

  #noteLink(get: Attributes): void {
    const rel = (get.get('rel') ?? '').toLowerCase();
    const href = short(get.get('href'), rel.includes('icon') ? MAX_IMAGE_URL_CHARS : MAX_VALUE_CHARS);
    if (href === undefined || this.#links.length >= MAX_LINKS || rel.length > 100 || !LINK_KINDS.test(rel)) return;
    this.#links.push({ rel, href, type: (get.get('type') ?? '').toLowerCase().slice(0, 100), sizes: (get.get('sizes') ?? '').slice(0, 100) });
  }

  #noteImage(get: Attributes): void {
    const src = short(get.get('src'), MAX_IMAGE_URL_CHARS);
    if (src === undefined || this.#images.length >= MAX_IMAGES) return;
    this.#images.push({ src, width: toPixels(get.get('width')), height: toPixels(get.get('height')) });
  }

  #close({ tag, text }: { readonly tag: string; readonly text: string }): void {
    this.#open = undefined;
    if (tag === 'script' && text.length <= MAX_SCRIPT_CHARS) this.#scripts.push(text);
    if (isTitleTag(tag) && text.trim() !== '') this.#titles.set(tag, text);
  }
}

function isTitleTag(tagName: string): tagName is TitleTag {
  return (TITLE_TAGS as readonly string[]).includes(tagName);
}

function isJsonLd(get: Attributes): boolean {
  return (get.get('type') ?? '').trim().toLowerCase() === 'application/ld+json';
}

function short(value: string | undefined, maxChars = MAX_VALUE_CHARS): string | undefined {
  return value === undefined || value.trim() === '' || value.length > maxChars ? undefined : value;
}

function toPixels(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,6}(px)?\s*$/.test(text) ? Number.parseInt(text, 10) : undefined;
}
