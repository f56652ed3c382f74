import type { PageFacts } from '../page/page-facts.ts';
import type { Finding } from './finding.ts';

const MAX_TAGS = 50;
const IMAGE_NAMES = ['twitter:image', 'twitter:image:src'];
/** What Open Graph calls them; the rest of a card says how Twitter is to show it. */
const NAMES: Readonly<Record<string, string>> = {
  'twitter:title': 'og:title',
  'twitter:description': 'og:description',
  'twitter:image:alt': 'og:image:alt',
  'twitter:url': 'og:url',
  'twitter:site': 'og:site_name',
};

/** Reads a Twitter card, in the words of Open Graph. */
export function readTwitterCard({ metas }: PageFacts): Finding {
  const tags = metas.filter(({ name }) => name.startsWith('twitter:')).slice(0, MAX_TAGS);
  return {
    source: 'twitter card',
    properties: tags.flatMap(({ name, content }) => {
      const ours = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
      return ours === undefined ? [] : [[ours, content] as const];
    }),
    images: tags.filter(({ name }) => IMAGE_NAMES.includes(name)).map(({ content }) => content),
  };
}
