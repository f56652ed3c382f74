import { stripVTControlCharacters } from 'node:util';

/** A test that was not run, and why. */
export interface SkippedTest {
  readonly project: string;
  readonly name: string;
  readonly reason: string;
}

const TASK_HEADER = /^> nx run (?<project>\S+):(?<target>[^\s:]+)/;
const CLOSING_LINE = /^(?:ℹ|#) (pass|fail|cancelled|skipped) (\d+)$/;
const SPEC_SKIP = /^ *﹣ (?<name>.+?) \([\d.]+ms\) # (?<reason>.*)$/;
const TAP_SKIP = /^ *(?:not )?ok \d+ - (?<name>.+?) # SKIP ?(?<reason>.*)$/;
const NO_REASON = /^(?:SKIP)?$/;

/** Sums what node:test says at the end of each project's `test` task in the output of `nx run-many`, given line by line. */
export class Tally {
  readonly skippedTests: SkippedTest[] = [];
  readonly #counts = new Map<string, number>();
  #project = '';
  #isTest = false;

  /** Takes the next line, with or without colours. */
  add(coloured: string): void {
    const line = stripVTControlCharacters(coloured).trimEnd();
    const header = TASK_HEADER.exec(line)?.groups;
    if (header !== undefined) {
      this.#project = header['project'] ?? '';
      this.#isTest = header['target'] === 'test';
    } else if (this.#isTest) {
      this.#addTestLine(line);
    }
  }

  /** Tests that failed or were cancelled. */
  get failed(): number {
    return this.#count('fail') + this.#count('cancelled');
  }

  /** Tests that ran, whatever came of them. */
  get ran(): number {
    return this.#count('pass') + this.failed;
  }

  /** `N passed, N failed, N skipped` */
  get closingLine(): string {
    return `${this.#count('pass')} passed, ${this.failed} failed, ${this.#count('skipped')} skipped`;
  }

  #count(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  #addTestLine(line: string): void {
    const [, what = '', count] = CLOSING_LINE.exec(line) ?? [];
    if (count !== undefined) this.#counts.set(what, this.#count(what) + Number(count));
    const skip = (SPEC_SKIP.exec(line) ?? TAP_SKIP.exec(line))?.groups;
    if (skip === undefined) return;
    const { name = '', reason = '' } = skip;
    this.skippedTests.push({
      project: this.#project,
      name: unescapeTap(name),
      reason: NO_REASON.test(reason) ? 'no reason given' : unescapeTap(reason),
    });
  }
}

function unescapeTap(text: string): string {
  return text.replaceAll('\\#', '#').replaceAll('\\\\', '\\');
}
