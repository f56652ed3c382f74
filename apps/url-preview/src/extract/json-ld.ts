import type { PageFacts } from '../page/page-facts.ts';
import type { Finding } from './finding.ts';
import { isObject, parseJson, textOf, type JsonObject } from './parse-json.ts';

/** Types that say what a page is about, not where on the site it is. */
const SUBJECTS = /(Article|Posting|Product|VideoObject|Recipe|Event|Book|Movie|Course|Dataset|SoftwareApplication|SoftwareSourceCode|WebPage|ItemPage|ProfilePage|Person|Place|Restaurant|Hotel|MusicRecording|MusicAlbum|PodcastEpisode|TVEpisode|QAPage|JobPosting|Review|ImageObject)$/;
const WEAK = /^(WebPage|ItemPage|ProfilePage|QAPage)$/;
const MAX_OBJECTS = 50;

/** Reads the first subject that a page describes by JSON-LD, in the words of Open Graph. */
export function readJsonLd({ jsonLd }: PageFacts): Finding {
  const objects = jsonLd.flatMap((text) => listObjects(parseJson(text))).slice(0, MAX_OBJECTS);
  const subjects = objects.filter((object) => typesOf(object).some((type) => SUBJECTS.test(type)));
  const subject = subjects.find((object) => !typesOf(object).every((type) => WEAK.test(type))) ?? subjects[0];
  if (subject === undefined) return { source: 'JSON-LD', properties: [], images: [] };
  const pairs = [
    ['og:title', textOf(subject, 'headline') ?? textOf(subject, 'name')],
    ['og:description', textOf(subject, 'description')],
    ['og:site_name', nameOf(subject['publisher'])],
    ['article:published_time', textOf(subject, 'datePublished')],
    ['article:author', nameOf(subject['author'])],
    ['og:video', textOf(subject, 'contentUrl')],
  ] as const;
  return {
    source: 'JSON-LD',
    properties: pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    images: [...imagesOf(subject['image']), ...imagesOf(subject['thumbnailUrl'])],
  };
}

/** Objects at the top, in a list, or in a graph. */
function listObjects(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.slice(0, MAX_OBJECTS).filter(isObject);
  if (!isObject(value)) return [];
  return Array.isArray(value['@graph']) ? listObjects(value['@graph']) : [value];
}

function typesOf(object: JsonObject): string[] {
  return [object['@type']].flat().filter((type) => typeof type === 'string');
}

function nameOf(value: unknown): string | undefined {
  const [first]: unknown[] = [value].flat();
  if (typeof first === 'string') return first;
  return isObject(first) ? textOf(first, 'name') : undefined;
}

function imagesOf(value: unknown): string[] {
  return [value].flat().slice(0, 5).flatMap((one) => {
    if (typeof one === 'string') return [one];
    return isObject(one) ? [textOf(one, 'url') ?? textOf(one, 'contentUrl') ?? []].flat() : [];
  });
}
