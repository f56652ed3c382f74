import type { FileLengths } from './measure.ts';

/** No hand-written file may be longer. */
export const MAX_FILE_LINES = 300;

/** No function may be longer. */
export const MAX_FUNCTION_LINES = 60;

/** One line `path:line: …` for each file and function that is too long. */
export function findOffenders(files: readonly FileLengths[]): string[] {
  return files.flatMap(({ path, lines, functions }) => [
    ...(lines > MAX_FILE_LINES ? [`${path}:1: file has ${lines} lines, the limit is ${MAX_FILE_LINES}`] : []),
    ...functions
      .filter((found) => found.lines > MAX_FUNCTION_LINES)
      .map((found) => `${path}:${found.line}: ${found.name} has ${found.lines} lines, the limit is ${MAX_FUNCTION_LINES}`),
  ]);
}

/** One line that says how much was measured, and the median and greatest lengths. */
export function summarize(files: readonly FileLengths[]): string {
  const functions = files.flatMap((file) => file.functions);
  return `${describe('files', files)}; ${describe('functions', functions)}`;
}

function describe(what: string, measured: readonly { readonly lines: number }[]): string {
  const lengths = measured.map(({ lines }) => lines).sort((a, b) => a - b);
  return `${lengths.length} ${what}, median ${lengths[lengths.length >> 1] ?? 0} lines, longest ${lengths.at(-1) ?? 0}`;
}
