import { EXIT_CONFIG } from '@medley/config/load';

/** How the command ends; docs/reference/cli.md explains them. */
export const EXIT = {
  ok: 0,
  /** It did not do all that it should; it can be run again. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** A scrub found damage about which nothing was done. */
  damage: 3,
  config: EXIT_CONFIG,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
