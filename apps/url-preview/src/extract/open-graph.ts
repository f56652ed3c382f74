import type { PageFacts } from '../page/page-facts.ts';
import type { Finding } from './finding.ts';

const PREFIXES = ['og:', 'article:', 'profile:'];
/** Of each prefix; what comes after is not read. */
const MAX_PER_PREFIX = 50;
const IMAGE_NAMES = ['og:image', 'og:image:url', 'og:image:secure_url'];

/** Reads Open Graph, with articles and profiles. Of several values of a name the first counts; every image is a candidate. */
export function readOpenGraph({ metas }: PageFacts): Finding {
  const tags = PREFIXES.flatMap((prefix) => metas.filter(({ name }) => name.startsWith(prefix)).slice(0, MAX_PER_PREFIX));
  const isImage = (name: string): boolean => IMAGE_NAMES.includes(name);
  return {
    source: 'open graph',
    properties: tags.filter(({ name }) => !isImage(name)).map(({ name, content }) => [name, content]),
    images: tags.filter(({ name }) => isImage(name)).map(({ content }) => content),
  };
}
