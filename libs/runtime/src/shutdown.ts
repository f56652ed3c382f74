import type { Logger } from '@medley/telemetry/logger';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Resolves once `stop` has finished, after SIGTERM, SIGINT, or the end of the process that started this one as a child
 * with a channel. More signals change nothing: npm passes on the one that the whole process group got already. Sets
 * the exit code; the process then ends by itself, since nothing is left open.
 */
export function stopOnSignal(log: Logger, stop: () => Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals | 'disconnect'): void => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, 'stopping');
    stop().then(
      () => log.info('stopped'),
      (error: unknown) => {
        log.error({ err: error }, 'failed to stop');
        process.exitCode = 1;
      },
    ).finally(resolve);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  process.on('disconnect', () => onSignal('disconnect'));
  process.channel?.unref(); // listening for its end must not keep the process alive
  return promise;
}
