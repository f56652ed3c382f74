import { startMain } from './mains.ts';
import type { Program } from './program.ts';
import { Site, type Config } from './site.ts';
import type { Stores } from './stores.ts';
import { stopProgram, type ServiceName } from './system.ts';

/** Two gateways, each with a metadata service of its own, over one store. */
export interface Replicas extends AsyncDisposable {
  readonly site: Site;
  readonly secondPort: number;
  /** Of the first gateway. */
  readonly program: Program;
}

/** Takes the stores over. */
export async function startReplicas(stores: Stores, config: Config = {}): Promise<Replicas> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await Site.open({ stores, config }));
  const { http, metrics, metadata } = site.ports;
  // Of the site's run of ports these are free.
  const second = { http: http + 5, metadata: metadata + 5, gatewayMetrics: metrics + 5, metadataMetrics: metrics + 6 };
  const secondMetadata = { MEDLEY_GRPC__LISTEN: `127.0.0.1:${second.metadata}`, MEDLEY_METRICS__PORT: String(second.metadataMetrics) };
  const secondGateway = {
    MEDLEY_GRPC__METADATA: `127.0.0.1:${second.metadata}`,
    MEDLEY_LISTEN__PORT: String(second.http),
    MEDLEY_METRICS__PORT: String(second.gatewayMetrics),
  };
  const start = async (service: ServiceName, env?: NodeJS.ProcessEnv): Promise<Program> => {
    const program = await startMain(site, service, env);
    stack.defer(() => stopProgram(program));
    return program;
  };
  for (const [service, env] of [['metadata'], ['metadata', secondMetadata], ['storage']] as const) await start(service, env);
  const program = await start('gateway');
  await start('gateway', secondGateway);
  const owned = stack.move();
  return { site, program, secondPort: second.http, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
