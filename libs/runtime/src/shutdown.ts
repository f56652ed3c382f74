import type { Logger } from '@medley/telemetry/logger';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Resolves with the name of the first reason to stop: SIGTERM, SIGINT, or the end of the process that started this one as
 * a child with a channel. Call it before anything is started, so that no signal finds nobody. Later signals change
 * nothing: npm passes on the one that the whole process group got already.
 */
export function awaitStop(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const name of SIGNALS) process.on(name, () => resolve(name));
  process.on('disconnect', () => resolve('disconnect'));
  process.channel?.unref(); // listening for its end must not keep the process alive
  return promise;
}

/** Runs `stop` and says so. The process then ends by itself, since nothing is left open; its exit code tells of a failure. */
export async function stopInOrder(log: Logger, signal: string, stop: () => Promise<void>): Promise<void> {
  log.info({ signal }, 'stopping');
  try {
    await stop();
    log.info('stopped');
  } catch (error) {
    log.error({ err: error }, 'failed to stop');
    process.exitCode = 1;
  }
}
