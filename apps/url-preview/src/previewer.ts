import { TimeLimit } from '@medley/streams/abort';
import { Turns } from '@medley/streams/turns';
import { iconsOf } from './extract/html-fallback.ts';
import { OEMBED_PROVIDERS } from './extract/oembed-providers.ts';
import { toProperties, type PropertyValue } from './extract/to-properties.ts';
import { findImage, type FoundImage } from './image.ts';
import { lookUp, type Found } from './look-up.ts';
import type { ParserPool } from './page/parser-pool.ts';
import { Visit, type PreviewRequest, type VisitOptions } from './visit.ts';

/** What a preview is made of; `Kept` is what stands for an image whose bytes are not held any more. */
export interface Preview<Kept> {
  readonly properties: ReadonlyMap<string, PropertyValue>;
  readonly image: Kept | undefined;
  readonly logo: Kept | undefined;
  /** How long the page allows it to be kept, in milliseconds. */
  readonly freshMs: number | undefined;
}

export interface PreviewerOptions extends VisitOptions {
  readonly parsers: ParserPool;
}

/** Images are held as a whole until they are stored; others wait meanwhile. */
const IMAGES_AT_ONCE = 16;

type Keep<Kept> = (image: FoundImage) => Promise<Kept>;

/** Makes previews. It keeps nothing. */
export class Previewer {
  readonly #options: PreviewerOptions;
  readonly #images = new Turns(IMAGES_AT_ONCE, Number.POSITIVE_INFINITY, 'Too many images are being fetched');

  constructor(options: PreviewerOptions) {
    this.#options = options;
  }

  /** Begins a visit, whose trace tells what happens. Its fetches end when `signal` aborts. */
  begin(request: PreviewRequest, signal: AbortSignal): Visit {
    return new Visit(request, this.#options, signal);
  }

  /**
   * Makes the preview, and has its images kept. Fails with FETCH_FAILED where there is nothing to be seen at all, and as
   * `keep` does; rejects when the visit's signal aborts.
   */
  async run<Kept>(visit: Visit, keep: Keep<Kept>): Promise<Preview<Kept>> {
    const { config, parsers } = this.#options;
    visit.trace.add('url', visit.request.url);
    const found = await lookUp(visit, parsers, config.oembed ? [...config.oembed_providers, ...OEMBED_PROVIDERS] : []);
    const properties = toProperties(found.findings, found.baseUrl, (name, why) => visit.trace.add('dropped', `${name}: ${why}`));
    const places = found.findings.flatMap(({ images }) => images);
    const image = await this.#keepImage(visit, keep, found.readImage ?? (() => findImage(visit, places, found.baseUrl)));
    const logo = await this.#keepImage(visit, keep, () => findLogo(visit, found));
    if (image === undefined) properties.delete('og:image:alt');
    visit.trace.add('result', `${properties.size} properties, ${image === undefined ? 'no image' : 'an image'}`);
    return { properties, image, logo, freshMs: found.freshMs };
  }

  /** An image whose turn does not come in time is left out. */
  async #keepImage<Kept>(visit: Visit, keep: Keep<Kept>, find: () => Promise<FoundImage | undefined>): Promise<Kept | undefined> {
    using limit = new TimeLimit(visit.remainingMs);
    const work = async (): Promise<Kept | undefined> => {
      const image = await find();
      return image && keep(image);
    };
    try {
      return await this.#images.run(work, AbortSignal.any([visit.signal, limit.signal]));
    } catch (error) {
      if (error !== limit.signal.reason) throw error;
      return visit.drop('the image', error);
    }
  }
}

async function findLogo(visit: Visit, { page, baseUrl }: Found): Promise<FoundImage | undefined> {
  if (!visit.request.wantsLogo || page === undefined) return undefined;
  return findImage(visit, [...iconsOf(page), '/apple-touch-icon.png'], baseUrl);
}
