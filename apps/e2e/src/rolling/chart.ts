import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseYaml } from '@medley/config/yaml';
import type { Probing } from '../harness/balancer.ts';
import type { ServiceName } from '../harness/system.ts';

/** How a cluster ends one process of a service and begins another. All in milliseconds. */
export interface Rollout {
  /** Between the decision to end it and SIGTERM. */
  readonly preStopMs: number;
  /** `shutdown.delay` and `shutdown.grace`. */
  readonly delayMs: number;
  readonly graceMs: number;
  /** After this long it is killed. */
  readonly terminationMs: number;
  /** How long a new one must have been ready before an old one ends. */
  readonly minReadyMs: number;
  readonly readiness: Probing;
}

interface Values {
  readonly minReadySeconds: number;
  readonly shutdown: { readonly preStopSeconds: number; readonly delaySeconds: number; readonly graceSeconds: number };
  readonly probes: { readonly readiness: { readonly periodSeconds: number; readonly timeoutSeconds: number; readonly failureThreshold: number } };
}

const CHART = join(import.meta.dirname, '../../../../deploy/helm/medley');
const TERMINATION = /terminationGracePeriodSeconds: \{\{ add \.preStopSeconds \.delaySeconds \.graceSeconds (\d+) \}\}/;

/** What the Helm chart says of each service, as an operator gets it who changes nothing. */
export async function readRollouts(): Promise<(service: ServiceName) => Rollout> {
  const values = parseYaml(await readFile(join(CHART, 'values.yaml'), 'utf8')) as { readonly defaults: Values } & Record<string, Partial<Values>>;
  const [, closingSeconds] = TERMINATION.exec(await readFile(join(CHART, 'templates/deployment.yaml'), 'utf8')) ?? [];
  assert.ok(closingSeconds, 'the chart does not say when a process is killed');
  return (service) => {
    const own = values[service.replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase())] ?? {};
    const { preStopSeconds, delaySeconds, graceSeconds } = { ...values.defaults.shutdown, ...own.shutdown };
    const { periodSeconds, timeoutSeconds, failureThreshold } = { ...values.defaults.probes.readiness, ...own.probes?.readiness };
    return {
      preStopMs: preStopSeconds * 1000, delayMs: delaySeconds * 1000, graceMs: graceSeconds * 1000,
      terminationMs: (preStopSeconds + delaySeconds + graceSeconds + Number(closingSeconds)) * 1000,
      minReadyMs: (own.minReadySeconds ?? values.defaults.minReadySeconds) * 1000,
      readiness: { periodMs: periodSeconds * 1000, timeoutMs: timeoutSeconds * 1000, failureThreshold },
    };
  };
}
