/** What is no reading matter. */
const SKIPPED = new Set([
  'head', 'header', 'nav', 'aside', 'footer', 'script', 'noscript', 'style', 'svg', 'iframe', 'video', 'audio', 'canvas', 'picture', 'form',
  'select', 'button', 'template', 'textarea', 'object', 'title', 'math',
]);
const SKIPPED_ROLES = new Set(['directory', 'menu', 'menubar', 'toolbar', 'navigation', 'banner']);
/** Elements that never get an end tag. */
const VOID = new Set(['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'param', 'source', 'track', 'wbr']);
const INLINE = new Set(['a', 'abbr', 'b', 'bdi', 'bdo', 'cite', 'code', 'em', 'font', 'i', 'kbd', 'mark', 'q', 's', 'small', 'span', 'strong', 'sub', 'sup', 'u', 'wbr']);
/** Enough of a page to know what it is about. */
const ENOUGH_CHARS = 200;
const MAX_CHARS = 2000;

/** Collects the first paragraphs that are there to be read. */
export class TextCollector {
  readonly #paragraphs: string[] = [];
  #current = '';
  #chars = 0;
  /** The skipped element that we are in, and how many of its name are open. */
  #skipped: { readonly tag: string; depth: number } | undefined;

  startTag(tagName: string, role: string): void {
    if (VOID.has(tagName)) return this.#breakAt(tagName);
    if (this.#skipped !== undefined) {
      if (tagName === this.#skipped.tag) this.#skipped.depth += 1;
      return;
    }
    this.#breakAt(tagName);
    if (SKIPPED.has(tagName) || SKIPPED_ROLES.has(role.toLowerCase())) this.#skipped = { tag: tagName, depth: 1 };
  }

  endTag(tagName: string): void {
    if (this.#skipped === undefined) return this.#breakAt(tagName);
    if (tagName !== this.#skipped.tag) return;
    this.#skipped.depth -= 1;
    if (this.#skipped.depth === 0) this.#skipped = undefined;
  }

  addText(text: string): void {
    if (this.#skipped === undefined && this.#chars < ENOUGH_CHARS && this.#current.length < MAX_CHARS) {
      this.#current += text.slice(0, MAX_CHARS);
    }
  }

  get summary(): string {
    this.#endParagraph();
    return this.#paragraphs.join(' ').slice(0, MAX_CHARS);
  }

  #breakAt(tagName: string): void {
    if (!INLINE.has(tagName) && this.#current !== '') this.#endParagraph();
  }

  #endParagraph(): void {
    const paragraph = this.#current.trim();
    this.#current = '';
    if (paragraph === '' || this.#chars >= ENOUGH_CHARS) return;
    this.#paragraphs.push(paragraph);
    this.#chars += paragraph.length;
  }
}
