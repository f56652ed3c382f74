import { ConfigError } from '@medley/config/load';
import type { Outcome } from './cli-job.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { CommonOptions } from './options.ts';
import { toSnakeCase } from './snake-case.ts';

/** Tells what a command came to, on stdout. */
export function tellOutcome(command: string, { report, lines, exitCode }: Outcome, { json, dryRun = false }: CommonOptions): void {
  const text = json === true ? toJson(command, { ok: exitCode === EXIT.ok, dryRun, ...report }) : lines.join('\n');
  process.stdout.write(`${text}\n`);
}

/** Tells on stderr, in a line, why a command failed, and answers with the exit code for that. */
export function tellFailure(command: string, error: unknown, { json, isInterrupted = false }: CommonOptions & { readonly isInterrupted?: boolean }): ExitCode {
  const message = isInterrupted ? 'interrupted; what is done is done, run it again for the rest' : describe(error);
  process.stderr.write(error instanceof ConfigError ? `${message}\n` : `medley: ${message}\n`);
  const mistakes = error instanceof ConfigError ? { mistakes: error.mistakes } : {};
  if (json === true) process.stdout.write(`${toJson(command, { ok: false, error: message, ...mistakes })}\n`);
  return error instanceof ConfigError ? EXIT.config : EXIT.failed;
}

function toJson(command: string, answer: object): string {
  return JSON.stringify(toSnakeCase({ command, ...answer }));
}

/** Operators are no strangers: the cause says what the message keeps to itself. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigError || !(error.cause instanceof Error)) return error.message;
  return `${error.message} (${error.cause.message})`;
}
