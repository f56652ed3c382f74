import { readConfig } from '@medley/runtime/run-service';
import { awaitStop, stopInOrder } from '@medley/runtime/shutdown';
import { createLogger } from '@medley/telemetry/logger';
import { createMetrics } from '@medley/telemetry/metrics';
import type { MedleyConfig } from '@medley/config/schema';
import { startStores } from './all-in-one.ts';

/**
 * Opens the stores for the process that started this one: a metadata and a storage service on sockets that only this user
 * can reach. Tells `{ metadata, storage }`, their addresses, or `{ failure }`, over the channel, answers whatever comes over it with
 * `{ missing }`, and ends with it.
 */
async function runStores(config: MedleyConfig): Promise<void> {
  const log = createLogger('stores', config.telemetry.log_level);
  const metrics = createMetrics();
  const signal = awaitStop();
  try {
    const service = await startStores({ config, log, meter: metrics.meter });
    process.send?.(service.addresses);
    process.on('message', () => void service.readiness().then((missing) => process.send?.({ missing })));
    process.channel?.unref(); // listening for questions must not keep the process alive
    await stopInOrder(log, await signal, () => service.stop(config.shutdown.grace));
  } catch (error) {
    process.send?.({ failure: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  } finally {
    await metrics.shutdown();
  }
}

const config = await readConfig();
if (config !== undefined) await runStores(config);
