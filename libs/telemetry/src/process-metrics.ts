import { readdirSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';
import manifest from '../package.json' with { type: 'json' };

/** How often the event loop is asked whether it is late. */
const LOOP_RESOLUTION_MS = 20;
const NS = 1e9;
const QUANTILES = [0.5, 0.99, 1] as const;

/**
 * Shows what the process takes of the machine, by the names that Prometheus' own clients use, and which build it is. The
 * event loop's numbers are of the time since the last scrape.
 */
export function observeProcess(meter: Meter, service: string): void {
  const { version } = manifest;
  const gauge = (name: string, description: string, read: () => number | undefined): void => {
    meter.createObservableGauge(name, { description }).addCallback((result) => {
      const value = read();
      if (value !== undefined) result.observe(value);
    });
  };
  meter.createObservableGauge('medley_build_info', { description: 'Always 1; says which build of which service this is' })
    .addCallback((result) => result.observe(1, { service, version, node: process.version }));
  meter.createObservableCounter('process_cpu_seconds', { description: 'CPU time that the process has taken' })
    .addCallback((result) => result.observe(cpuSeconds()));
  gauge('process_start_time_seconds', 'When the process started, in Unix seconds', () => performance.timeOrigin / 1000);
  gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss());
  gauge('medley_memory_limit_bytes', 'What the process may take of memory: the limit of its container, or what the machine has', memoryLimit);
  gauge('process_open_fds', 'Open file descriptors', openFiles);
  gauge('process_max_fds', 'The most file descriptors that may be open', maxFiles);
  gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use', () => process.memoryUsage().heapUsed);
  gauge('nodejs_external_memory_bytes', 'Memory of buffers and the like, outside of the heap', () => process.memoryUsage().external);
  observeEventLoop(meter);
}

function observeEventLoop(meter: Meter): void {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delay.enable();
  meter.createObservableGauge('nodejs_eventloop_delay_seconds', { description: 'How late the event loop was, by quantile' }).addCallback((result) => {
    // what is measured is the time between two questions
    for (const quantile of QUANTILES) result.observe(Math.max(0, delay.percentile(quantile * 100) - LOOP_RESOLUTION_MS * 1e6) / NS, { quantile });
    delay.reset();
  });
  let before = performance.eventLoopUtilization();
  meter.createObservableGauge('nodejs_eventloop_utilization', { description: 'The part of the time in which the event loop was busy, 0 to 1' }).addCallback((result) => {
    const now = performance.eventLoopUtilization();
    result.observe(performance.eventLoopUtilization(now, before).utilization);
    before = now;
  });
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Without a limit Node answers with none, or with more than there is. */
function memoryLimit(): number {
  return Math.min(process.constrainedMemory() || Infinity, totalmem());
}

function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    // there is no /proc everywhere; then nobody knows
    return undefined;
  }
}

function maxFiles(): number | undefined {
  try {
    const [, soft = ''] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === '' ? undefined : Number(soft);
  } catch {
    // as above
    return undefined;
  }
}
