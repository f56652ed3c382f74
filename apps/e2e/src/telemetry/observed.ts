import { paintPng } from '@medley/testing/images';
import { FakeRemote } from '@medley/testing/fake-remote';
import { startWeb, WEB_NETWORK, type Web } from '@medley/testing/scripted-web';
import { REMOTE_CONFIG } from '../federation/remote-scene.ts';
import type { Site, Config } from '../harness/site.ts';
import type { Stores } from '../harness/stores.ts';
import { SERVICES, startSystem, type ServiceName, type System } from '../harness/system.ts';
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.ts';

/** Six processes that tell of everything they do, and the world around them. */
export interface Observed extends AsyncDisposable {
  readonly system: System;
  readonly site: Site;
  readonly receiver: OtlpReceiver;
  readonly remote: FakeRemote;
  readonly web: Web;
}

export interface ObservedOptions {
  /** Taken over. Default: embedded ones. */
  readonly stores?: Stores | undefined;
  readonly config?: Config;
}

export async function startObserved({ stores, config = {} }: ObservedOptions = {}): Promise<Observed> {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startOtlpReceiver());
  const remote = stack.use(await FakeRemote.start());
  const web = stack.use(await startWeb({
    '/page': '<title>T</title><meta property="og:image" content="picture.png">', '/picture.png': { type: 'image/png', body: paintPng(64, 64) },
  }));
  const whole = {
    ...REMOTE_CONFIG,
    url_previews: { ports: 'any', allowed_networks: [WEB_NETWORK] },
    telemetry: { otlp_endpoint: receiver.endpoint, trace_ratio: 1, trust_traceparent: true },
    ...config,
  };
  const system = stack.use(await startSystem('services', { config: whole, ...(stores && { stores }) }));
  const owned = stack.move();
  return { system, site: system.site, receiver, remote, web, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Where each service's metrics are: `host:port`. */
export function metricsTargets({ ports }: Site): Readonly<Record<ServiceName, string>> {
  return Object.fromEntries(SERVICES.map((name, index) => [name, `127.0.0.1:${ports.metrics + index}`])) as Record<ServiceName, string>;
}

/** What one process answers to a scrape. */
export async function scrape(target: string): Promise<string> {
  return (await fetch(`http://${target}/metrics`)).text();
}
