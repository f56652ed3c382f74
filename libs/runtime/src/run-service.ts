import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ConfigError, EXIT_CONFIG, loadConfig } from '@medley/config/load';
import type { MedleyConfig } from '@medley/config/schema';
import { createLogger, type Logger } from '@medley/telemetry/logger';
import { createMetrics, type Meter } from '@medley/telemetry/metrics';
import { observeProcess } from '@medley/telemetry/process-metrics';
import { startTracing, type Tracing } from '@medley/telemetry/tracing';
import { observeDependencies } from './dependency.ts';
import { serveHealth } from './health-server.ts';
import type { RunningService } from './running-service.ts';
import { awaitStop, stopInOrder } from './shutdown.ts';

/** What a service is started with. */
export interface ServiceContext {
  readonly config: MedleyConfig;
  readonly log: Logger;
  readonly meter: Meter;
}

export type StartService = (context: ServiceContext) => Promise<RunningService>;

/** The whole life of a process that runs one service: configuration, start, health port, SIGTERM, end. */
export async function runService(name: string, start: StartService): Promise<void> {
  const config = await readConfig();
  if (config !== undefined) await runConfigured(name, config, start);
}

/**
 * The same with a configuration at hand. `onStarted` is told once everything answers. After there is a reason to stop the
 * service goes on for `shutdown.delay`, so that whoever reads `/readyz` can send requests elsewhere.
 */
export async function runConfigured(
  name: string,
  config: MedleyConfig,
  start: StartService,
  onStarted?: (service: RunningService) => void,
): Promise<void> {
  const log = createLogger(name, config.telemetry.log_level);
  const metrics = createMetrics();
  observeProcess(metrics.meter, name);
  const signal = awaitStop();
  const tracing = await openTracing(name, config);
  const service = await explainMistakes(() => start({ config, log, meter: metrics.meter }));
  if (service === undefined) return;
  observeDependencies(metrics.meter, service.dependencies ?? []);
  const health = await serveHealth(config.metrics, metrics, [service]);
  log.info({ ...service.addresses, health: health.address }, 'started');
  onStarted?.(service);
  await stopInOrder(log, await signal, async () => {
    health.drain();
    service.announceStop?.();
    await sleep(config.shutdown.delay);
    await service.stop(config.shutdown.grace);
    await health.close();
    await Promise.all([metrics.shutdown(), tracing?.shutdown()]);
  });
}

async function openTracing(service: string, { telemetry }: MedleyConfig): Promise<Tracing | undefined> {
  const { otlp_endpoint: endpoint, trace_ratio: ratio, max_queued_spans: maxQueued } = telemetry;
  return endpoint === null ? undefined : startTracing({ service, endpoint, ratio, maxQueued });
}

/** Reads `--config`; says every mistake and sets exit code 78 where there are any. */
export async function readConfig(argv: readonly string[] = process.argv.slice(2)): Promise<MedleyConfig | undefined> {
  return explainMistakes(() => loadConfig(configPath(argv), process.env));
}

/** Says every mistake of the configuration that comes up and sets exit code 78; the result is `undefined` then. */
async function explainMistakes<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_CONFIG;
    return undefined;
  }
}

/** The file that `--config` names. */
export function configPath(argv: readonly string[] = process.argv.slice(2)): string | undefined {
  return parseArgs({ args: [...argv], options: { config: { type: 'string', short: 'c' } }, allowPositionals: true }).values.config;
}
