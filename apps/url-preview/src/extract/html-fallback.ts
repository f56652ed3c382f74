import type { PageFacts, PageImage } from '../page/page-facts.ts';
import type { Finding } from './finding.ts';

/** Smaller ones are bullets and counters. */
const LEAST_PIXELS = 10;
const DESCRIPTION_NAMES = ['description', 'dc.description', 'dcterms.description'];

/** Makes the best of a page that says nothing of itself: its title, description and images. */
export function readHtml({ title, metas, text, images, links }: PageFacts): Finding {
  const description = DESCRIPTION_NAMES.map((wanted) => metas.find(({ name }) => name === wanted)?.content).find((content) => content !== undefined);
  const pairs = [['og:title', title], ['og:description', description ?? (text === '' ? undefined : text)]] as const;
  return {
    source: 'HTML',
    properties: pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    images: [
      ...metas.filter(({ name }) => name === 'image' || name === 'thumbnailurl').map(({ content }) => content),
      ...links.filter(({ rel }) => rel.includes('image_src')).map(({ href }) => href),
      ...byWorth(images),
      ...iconsOf({ links }),
    ],
  };
}

/** Where the site's logo may be, the best first. */
export function iconsOf({ links }: Pick<PageFacts, 'links'>): string[] {
  const icons = links.filter(({ rel }) => rel.includes('icon') && !rel.includes('mask'));
  const worth = ({ rel, sizes }: (typeof icons)[number]): number => Number.parseInt(sizes, 10) || (rel.includes('apple') ? 120 : 16);
  return icons.toSorted((first, second) => worth(second) - worth(first)).map(({ href }) => href);
}

/** The largest that says how large it is, then the first that does not. */
function byWorth(images: readonly PageImage[]): string[] {
  const area = ({ width = 0, height = 0 }: PageImage): number => (width > LEAST_PIXELS && height > LEAST_PIXELS ? width * height : 0);
  const sized = images.filter((image) => area(image) > 0).toSorted((first, second) => area(second) - area(first));
  const unsized = images.filter(({ width, height }) => width === undefined && height === undefined);
  return [...sized.slice(0, 2), ...unsized.slice(0, 2)].map(({ src }) => src);
}
