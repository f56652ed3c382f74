import { describeExchange, errcodeOf, type Exchange } from '../harness/exchange.ts';
import type { LogLine } from '../harness/program.ts';
import type { History, MediaFacts } from './history.ts';
import type { StoreView } from './store-view.ts';

/** What a run must end with, each 0 where all promises were kept. */
export interface Verdict {
  /** Acknowledged media that is not there with its bytes, though nobody removed it. */
  lost: number;
  /** Records that name bytes which are not there. */
  dangling: number;
  /** Blobs that no record names, after the sweeps. */
  orphans: number;
  /** What unfinished uploads left, after the sweeps: by the service's count, and found past it. */
  staging: number;
  leftovers: number;
  /** Bodies that ended cleanly and were others than they should be. */
  cleanButWrong: number;
  servedCutOff: number;
  servedAfterRemoval: number;
  /** Media that showed two bodies. */
  twoBodies: number;
  /** Answers that media which was there is not. */
  wronglyMissing: number;
  /** Requests without an end. */
  hung: number;
  /** Log lines with a secret or with bytes of a body. */
  leaks: number;
}

/** What the checker looks at when all is quiet. */
export interface Evidence {
  readonly history: History;
  readonly view: StoreView;
  /** Downloads media now. */
  readonly download: (facts: MediaFacts) => Promise<Exchange>;
  readonly logs: Iterable<LogLine>;
  /** Texts that no log may hold. */
  readonly secrets: readonly string[];
}

const DOWNLOADS_AT_ONCE = 4;

/** Compares what clients were told with what is there. What is wrong is said in words in the history, too. */
export async function check(evidence: Evidence): Promise<Verdict> {
  const { history, view } = evidence;
  const lost = await countLost(evidence);
  const dangling = [...view.references].filter(([digest, sizeBytes]) => view.blobs.get(digest)?.sizeBytes !== sizeBytes);
  const orphans = [...view.blobs].filter(([, { digest }]) => !view.references.has(digest));
  const leaks = findLeaks(evidence);
  const say = (what: string, names: readonly string[]): void => names.forEach((name) => history.problems.push(`${what}: ${name}`));
  say('dangling', dangling.map(([digest]) => digest));
  say('orphan', orphans.map(([name]) => name));
  say('left behind', view.leftovers);
  say('leak', leaks);
  if (view.objectCount !== view.blobs.size) say('not the same', [`${view.objectCount} blobs lie in the store, ${view.blobs.size} are listed`]);
  return {
    lost,
    dangling: dangling.length,
    orphans: orphans.length + Math.abs(view.objectCount - view.blobs.size),
    staging: view.stagedCount,
    leftovers: view.leftovers.length,
    leaks: leaks.length,
    ...countViolations(history),
  };
}

/** Downloads all media that clients know of; what it shows is judged by the history. */
async function countLost({ history, download }: Evidence): Promise<number> {
  const waiting = [...history.media.values()];
  let lost = 0;
  const work = async (): Promise<void> => {
    for (let facts = waiting.pop(); facts !== undefined; facts = waiting.pop()) {
      const answer = await download(facts);
      history.hear(facts, answer);
      const problem = judgeEnd(history, facts, answer);
      if (problem === undefined) continue;
      lost += 1;
      history.problems.push(`${problem}: ${facts.uri.mediaId} ${facts.acknowledged?.digest ?? ''} answered ${describeExchange(answer)}`);
    }
  };
  await Promise.all(Array.from({ length: DOWNLOADS_AT_ONCE }, work));
  return lost;
}

/** What is wrong with the answer for media once everything runs again and nothing happens. */
function judgeEnd(history: History, facts: MediaFacts, answer: Exchange): string | undefined {
  const isServed = answer.status === 200 && answer.isWhole;
  const isRefused = answer.status === 404 || errcodeOf(answer) === 'M_NOT_YET_UPLOADED';
  const mustBeThere = facts.acknowledged !== undefined && history.standing(facts, answer.beganAt) === 'there';
  if (mustBeThere && answer.digest !== facts.acknowledged?.digest) return 'lost';
  // Whatever happened to it, it is there or it is not.
  return isServed || isRefused ? undefined : 'neither there nor missing';
}

function findLeaks({ logs, secrets }: Evidence): readonly string[] {
  const found: string[] = [];
  for (const line of logs) {
    const text = JSON.stringify(line);
    if (secrets.some((secret) => text.includes(secret))) found.push(text.slice(0, 500));
  }
  return found;
}

function countViolations({ counts }: History) {
  const countOf = (violation: Parameters<typeof counts.get>[0]): number => counts.get(violation) ?? 0;
  return {
    cleanButWrong: countOf('cleanButWrong'),
    servedCutOff: countOf('servedCutOff'),
    servedAfterRemoval: countOf('servedAfterRemoval'),
    twoBodies: countOf('twoBodies'),
    wronglyMissing: countOf('wronglyMissing'),
    hung: countOf('hung'),
  };
}
