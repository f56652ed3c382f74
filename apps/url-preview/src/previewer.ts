import { iconsOf } from './extract/html-fallback.ts';
import { OEMBED_PROVIDERS } from './extract/oembed-providers.ts';
import { toProperties, type PropertyValue } from './extract/to-properties.ts';
import { findImage, type FoundImage } from './image.ts';
import { lookUp, type Found } from './look-up.ts';
import type { ParserPool } from './page/parser-pool.ts';
import { Visit, type PreviewRequest, type VisitOptions } from './visit.ts';

/** What a preview is made of. */
export interface Preview {
  readonly properties: ReadonlyMap<string, PropertyValue>;
  readonly image: FoundImage | undefined;
  readonly logo: FoundImage | undefined;
  /** How long the page allows it to be kept, in milliseconds. */
  readonly freshMs: number | undefined;
}

export interface PreviewerOptions extends VisitOptions {
  readonly parsers: ParserPool;
}

/** Makes previews. It keeps nothing. */
export class Previewer {
  readonly #options: PreviewerOptions;

  constructor(options: PreviewerOptions) {
    this.#options = options;
  }

  /** Begins a visit, whose trace tells what happens. Its fetches end when `signal` aborts. */
  begin(request: PreviewRequest, signal: AbortSignal): Visit {
    return new Visit(request, this.#options, signal);
  }

  /** Fails with FETCH_FAILED where there is nothing to be seen at all; rejects when the visit's signal aborts. */
  async run(visit: Visit): Promise<Preview> {
    const { config, parsers } = this.#options;
    visit.trace.add('url', visit.request.url);
    const found = await lookUp(visit, parsers, config.oembed ? [...config.oembed_providers, ...OEMBED_PROVIDERS] : []);
    const properties = toProperties(found.findings, found.baseUrl, (name, why) => visit.trace.add('dropped', `${name}: ${why}`));
    const image = found.image ?? (await findImage(visit, found.findings.flatMap(({ images }) => images), found.baseUrl));
    const logo = await this.#findLogo(visit, found);
    if (image === undefined) properties.delete('og:image:alt');
    visit.trace.add('result', `${properties.size} properties, ${image === undefined ? 'no image' : 'an image'}`);
    return { properties, image, logo, freshMs: found.freshMs };
  }

  async #findLogo(visit: Visit, { page, baseUrl }: Found): Promise<FoundImage | undefined> {
    if (!visit.request.wantsLogo || page === undefined) return undefined;
    return findImage(visit, [...iconsOf(page), '/apple-touch-icon.png'], baseUrl);
  }
}
