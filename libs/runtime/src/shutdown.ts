import type { Logger } from '@medley/telemetry/logger';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Resolves once `stop` has finished after SIGTERM or SIGINT. A second signal ends the process at once. Sets the exit
 * code; the process then ends by itself, since nothing is left open.
 */
export function stopOnSignal(log: Logger, stop: () => Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) process.kill(process.pid, 'SIGKILL');
    isStopping = true;
    log.info({ signal }, 'stopping');
    stop().then(
      () => log.info('stopped'),
      (error: unknown) => {
        log.error({ err: error }, 'failed to stop');
        process.exitCode = 1;
      },
    ).finally(() => {
      for (const name of SIGNALS) process.off(name, onSignal);
      resolve();
    });
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return promise;
}
