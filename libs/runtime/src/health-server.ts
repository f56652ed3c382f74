import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '@medley/telemetry/metrics';
import { Readiness } from './readiness.ts';
import type { RunningService } from './running-service.ts';

export interface HealthServer {
  readonly address: string;
  /** From now on `/readyz` says that the process is going away. */
  drain(): void;
  close(): Promise<void>;
}

/** Answers `/healthz` (the process lives), `/readyz` (it can do its work; 503 says what is missing, and both how what it depends on is) and `/metrics`. */
export async function serveHealth(
  listen: { readonly host: string; readonly port: number },
  metrics: Metrics,
  services: readonly RunningService[],
): Promise<HealthServer> {
  let isDraining = false;
  const readiness = new Readiness(services);
  const answerReadiness = async (response: ServerResponse): Promise<void> => {
    const missing = isDraining ? ['stopping'] : await readiness.ask();
    const isReady = missing.length === 0;
    const dependencies = services.flatMap((service) => service.dependencies ?? []).map(({ state }) => state);
    answer(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', missing, dependencies });
  };
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/healthz') answer(response, 200, { status: 'ok' });
    else if (path === '/metrics') void metrics.scrape(request, response);
    else if (path === '/readyz') void answerReadiness(response);
    else answer(response, 404, { status: 'not found' });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(listen.port, listen.host, resolve);
  });
  return {
    address: `${listen.host}:${(server.address() as AddressInfo).port}`,
    drain: () => void (isDraining = true),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
