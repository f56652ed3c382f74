import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { ROOT, type Page } from './pages.ts';

const LINK = /\]\(([^()\s]+)\)/g;
const HEADING = /^#{1,6} (.+)$/gm;
const BLOCK = /^```[\s\S]*?^```/gm;
const ELSEWHERE = /^[a-z]+:/;

/** The links of a page that lead nowhere within the repository, each with what is wrong. Other sites are not asked. */
export async function findBrokenLinks({ path, text }: Page): Promise<readonly string[]> {
  const targets = [...text.replaceAll(BLOCK, '').matchAll(LINK)].map(([, target = '']) => target).filter((target) => !ELSEWHERE.test(target));
  const faults = await Promise.all(targets.map(async (target) => ({ target, fault: await findFault(path, text, target) })));
  return faults.flatMap(({ target, fault }) => (fault === undefined ? [] : [`${path}: (${target}) ${fault}`]));
}

async function findFault(path: string, text: string, target: string): Promise<string | undefined> {
  const [file = '', anchor] = target.split('#', 2);
  const place = join(ROOT, normalize(join(dirname(path), file)));
  if (file !== '' && !existsSync(place)) return 'is not there';
  if (anchor === undefined) return undefined;
  const headings = toAnchors(file === '' ? text : await readFile(place, 'utf8'));
  return headings.has(anchor) ? undefined : 'has no such heading';
}

/** What headings are linked by, as GitHub makes it of them. */
function toAnchors(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  return new Set([...text.replaceAll(BLOCK, '').matchAll(HEADING)].map(([, heading = '']) => {
    const anchor = heading.replaceAll(LINK, ']').toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  }));
}
