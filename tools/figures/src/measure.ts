import type { Command, Figure } from './figure.ts';
import { UsageError, parseOptions, type Options } from './options.ts';
import { runCommand, type Outcome } from './run-command.ts';

/** Far more than a command needs, in milliseconds, beyond the load it was asked for. */
const COMMAND_LIMIT_MS = 15 * 60_000;

/** Measures figures of a board as the command line says and prints a line for each; the exit code is 1 unless all are good, 2 if the command line is wrong. */
export async function measureBoard(board: readonly Figure[], args: readonly string[]): Promise<void> {
  try {
    const options = parseOptions(args, board);
    const stopping = stopOnSignal();
    for (const command of new Set(options.figures.map((figure) => figure.command))) {
      if (stopping.aborted) break;
      await measure(board, command, options, stopping);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/** Runs a command once and prints those of its figures that are wanted. */
async function measure(board: readonly Figure[], command: Command, options: Options, stopping: AbortSignal): Promise<void> {
  const { script } = command;
  const args = command.args(options);
  console.error(`node ${[script, ...args].join(' ')}`);
  const outcome = await runCommand(script, args, AbortSignal.any([stopping, AbortSignal.timeout(COMMAND_LIMIT_MS + options.seconds * 2000)]));
  const all = board.filter((figure) => figure.command === command);
  // Whoever found something wrong must be believed, also where no figure of his tells it.
  const isExplained = outcome.problem === undefined || all.some((figure) => !isGood(figure, outcome));
  for (const figure of all.filter((one) => options.figures.includes(one))) {
    const ok = isExplained && isGood(figure, outcome);
    if (!ok) process.exitCode = 1;
    const { name, unit, limit } = figure;
    const asked = { command: ['node', script, ...args].join(' '), seed: options.seed, stores: options.stores };
    const facts = Object.fromEntries(figure.facts.map((fact) => [fact, outcome.report[fact]]));
    console.log(JSON.stringify({ figure: name, value: valueOf(figure, outcome), unit, limit, ok, ...asked, ...facts, problem: ok ? undefined : outcome.problem }));
  }
}

function isGood(figure: Figure, outcome: Outcome): boolean {
  const value = valueOf(figure, outcome);
  return value !== null && value <= figure.limit;
}

/** `null` if the report does not tell it. */
function valueOf({ fields }: Figure, { report }: Outcome): number | null {
  const sum = fields.reduce((total, field) => total + (typeof report[field] === 'number' ? report[field] : NaN), 0);
  return Number.isFinite(sum) ? sum : null;
}

/** Ends what is being measured when this process is asked to end, which is no success. */
function stopOnSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    process.exitCode = 1;
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  return stopping.signal;
}
