import assert from 'node:assert/strict';
import { findFreePorts } from '@medley/testing/free-ports';
import type { Backend } from './balancer.ts';
import { startMain } from './mains.ts';
import type { Program } from './program.ts';
import { Site, type Config } from './site.ts';
import type { Stores } from './stores.ts';
import { SERVICES, stopProgram, type ServiceName } from './system.ts';

/** Where one of several processes of the same service listens. */
interface Replica {
  readonly service: ServiceName;
  readonly metricsPort: number;
  readonly port: number;
  readonly dataPort: number;
}

/** How a process is ended: asked to, or killed. */
export type Ending = 'SIGTERM' | 'SIGKILL';

const REPLICAS = 2;
const PORTS_EACH = 3;

/** Two processes of every service over one pair of stores. */
export class ReplicatedServices implements AsyncDisposable {
  readonly site: Site;
  readonly replicas: readonly Replica[];
  readonly #programs = new Map<Replica, Program>();

  private constructor(site: Site, replicas: readonly Replica[]) {
    this.site = site;
    this.replicas = replicas;
  }

  /** Takes the stores over. */
  static async start(stores: Stores, config: Config): Promise<ReplicatedServices> {
    const first = await findFreePorts(SERVICES.length * REPLICAS * PORTS_EACH);
    const replicas = SERVICES.flatMap((service) => Array.from({ length: REPLICAS }, () => service)).map((service, index) => {
      const port = first + index * PORTS_EACH;
      return { service, port, dataPort: port + 1, metricsPort: port + 2 };
    });
    await using stack = new AsyncDisposableStack();
    const site = await Site.open({ stores, config: { ...config, grpc: addressesOf(replicas) } });
    const services = stack.use(new ReplicatedServices(site, replicas));
    // The gateways last: they are ready only when the others are.
    for (const replica of replicas.toReversed()) await services.#start(replica);
    stack.move();
    return services;
  }

  /** The gateways as a balancer sees them. */
  get gateways(): readonly Backend[] {
    return this.replicas.filter(({ service }) => service === 'gateway');
  }

  /**
   * Asks one process to end, as a cluster does, and starts another in its place; fails unless it ends with 0. Given `SIGKILL`, does not ask.
   * Answers with how long it took to end, in milliseconds.
   */
  async restart(replica: Replica, signal: Ending = 'SIGTERM'): Promise<number> {
    const program = this.#programs.get(replica);
    const startedAt = performance.now();
    if (signal === 'SIGKILL') program?.kill();
    const code = await (signal === 'SIGKILL' ? program?.exited : program?.stop());
    const tookMs = performance.now() - startedAt;
    if (signal === 'SIGTERM') assert.equal(code, 0, `${replica.service} ended with ${code}:\n${program?.tail()}`);
    await this.#start(replica);
    return tookMs;
  }

  /** The last lines of every process. */
  tail(): string {
    return [...this.#programs].map(([{ service, port }, program]) => `--- ${service} at ${port}\n${program.tail()}`).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The gateways first: while they drain they need the others.
    const programs = [...this.#programs.values()].toReversed();
    try {
      for (const program of programs) if (!program.hasExited) await stopProgram(program);
    } finally {
      // Whoever could not be stopped well is not left behind.
      for (const program of programs) if (!program.hasExited) program.kill();
      await this.site[Symbol.asyncDispose]();
    }
  }

  async #start(replica: Replica): Promise<void> {
    const { service, port, dataPort, metricsPort } = replica;
    const listen = service === 'gateway' ? { MEDLEY_LISTEN__PORT: String(port) } : { MEDLEY_GRPC__LISTEN: `127.0.0.1:${port}` };
    const env = { ...listen, MEDLEY_DATA_PORT__LISTEN: `127.0.0.1:${dataPort}`, MEDLEY_METRICS__PORT: String(metricsPort) };
    this.#programs.set(replica, await startMain(this.site, service, env));
  }
}

/** Every service by the addresses of all its processes. */
function addressesOf(replicas: readonly Replica[]): Config {
  const of = (wanted: ServiceName): string => `ipv4:${replicas.filter(({ service }) => service === wanted).map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  return {
    metadata: of('metadata'), storage: of('storage'), thumbnail: of('thumbnail'), url_preview: of('url-preview'), federation_fetch: of('federation-fetch'),
  };
}
