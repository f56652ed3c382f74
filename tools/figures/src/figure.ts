import type { Options } from './options.ts';

/** A number that says whether a promise is kept. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** The largest value that is good. */
  readonly limit: number;
  /** What measures it. Figures that share one are measured by one run. */
  readonly command: Command;
  /** The numbers of the command's report that are added up for the value. */
  readonly fields: readonly string[];
  /** What else of the report the line tells. */
  readonly facts: readonly string[];
}

/** A script of the workspace that says its report as one line of JSON, and ends with 0 only if it found nothing wrong. */
export interface Command {
  readonly script: string;
  /** What is not given by name is the script's own default. */
  readonly args: (options: Options) => readonly string[];
  /** It measures servers, and is left out where stores are embedded. */
  readonly needsRealStores?: boolean;
}
