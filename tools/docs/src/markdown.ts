/** A fenced block of a page, and the comment right before it. */
export interface Block {
  /** Empty where none is named. */
  readonly language: string;
  readonly text: string;
  /** Its line in the page, from 1. */
  readonly line: number;
  /** Whether `<!-- not run -->` stands before it. */
  readonly isMarked: boolean;
}

/** Commands, and what they are to answer with; `…` stands for anything. */
export interface Step {
  readonly commands: string;
  readonly line: number;
  readonly expected: string | undefined;
}

const FENCE = '```';
const MARK = '<!-- not run -->';

/** The fenced blocks of a page, in their order. Throws where one has no end. */
export function readBlocks(page: string): readonly Block[] {
  const lines = page.split('\n');
  const blocks: Block[] = [];
  let start: number | undefined;
  lines.forEach((line, index) => {
    if (!line.startsWith(FENCE)) return;
    if (start === undefined) {
      start = index;
      return;
    }
    const text = lines.slice(start + 1, index).join('\n');
    blocks.push({ language: (lines[start] ?? '').slice(FENCE.length), text, line: start + 1, isMarked: lines[start - 1] === MARK });
    start = undefined;
  });
  if (start !== undefined) throw new Error(`the block at line ${start + 1} has no end`);
  return blocks;
}

/** The commands of a page that are to be run, each with the `text` block behind it. */
export function toSteps(blocks: readonly Block[]): readonly Step[] {
  return blocks.flatMap(({ language, text, line, isMarked }, index) => {
    if (language !== 'sh' || isMarked) return [];
    const next = blocks[index + 1];
    return [{ commands: text, line, expected: next?.language === 'text' ? next.text : undefined }];
  });
}

/** Whether an answer is what a page says, with anything in the places of `…`. */
export function isAsSaid(answer: string, expected: string): boolean {
  const literal = expected.trim().split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${literal.join('[\\s\\S]*')}$`).test(answer.trim());
}
