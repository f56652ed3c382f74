import assert from 'node:assert/strict';
import { findFreePorts } from '@medley/testing/free-ports';
import type { Backend } from './balancer.ts';
import { startMain } from './mains.ts';
import type { Program } from './program.ts';
import { Site, type Config } from './site.ts';
import type { Stores } from './stores.ts';
import { SERVICES, stopProgram, type ServiceName } from './system.ts';

/** Where one of several processes of the same service listens. */
export interface Replica {
  readonly service: ServiceName;
  readonly metricsPort: number;
  readonly port: number;
  readonly dataPort: number;
}

/** How a process is ended: asked to, or killed. */
export type Ending = 'SIGTERM' | 'SIGKILL';

export interface ReplicasOptions {
  /** Places of every service where nothing runs yet, for processes that take over from others. Default: none. */
  readonly spares?: number;
  /** Lies over the configuration of the processes of a service. */
  readonly envOf?: (service: ServiceName) => NodeJS.ProcessEnv;
}

/** How one process takes over from another. */
export interface TakingOver {
  /** Waits until the new one is taken for ready, before the old one is asked to end. */
  readonly settle: (replica: Replica) => Promise<void>;
  /** Default: `SIGTERM`, as a cluster does it. */
  readonly ending?: Ending | undefined;
  /** After so many milliseconds the old one is killed, which fails. */
  readonly patienceMs?: number;
}

const REPLICAS = 2;
const PORTS_EACH = 3;

/** Two processes of every service over one pair of stores. */
export class ReplicatedServices implements AsyncDisposable {
  readonly site: Site;
  /** Every place there is for a process; all of them have one unless there are spares. */
  readonly replicas: readonly Replica[];
  readonly #programs = new Map<Replica, Program>();
  readonly #envOf: (service: ServiceName) => NodeJS.ProcessEnv;

  private constructor(site: Site, replicas: readonly Replica[], envOf: (service: ServiceName) => NodeJS.ProcessEnv) {
    this.site = site;
    this.replicas = replicas;
    this.#envOf = envOf;
  }

  /** Takes the stores over. */
  static async start(stores: Stores, config: Config, { spares = 0, envOf = () => ({}) }: ReplicasOptions = {}): Promise<ReplicatedServices> {
    const places = REPLICAS + spares;
    const first = await findFreePorts(SERVICES.length * places * PORTS_EACH);
    const replicas = SERVICES.flatMap((service) => Array.from({ length: places }, () => service)).map((service, index) => {
      const port = first + index * PORTS_EACH;
      return { service, port, dataPort: port + 1, metricsPort: port + 2 };
    });
    await using stack = new AsyncDisposableStack();
    const site = await Site.open({ stores, config: { ...config, grpc: addressesOf(replicas) } });
    const services = stack.use(new ReplicatedServices(site, replicas, envOf));
    // The gateways last: they are ready only when the others are, and most of those only when storage is.
    const inOrder = [...replicas.slice(places), ...replicas.slice(0, places)];
    for (const replica of inOrder.filter((_replica, index) => index % places < REPLICAS)) await services.#start(replica);
    stack.move();
    return services;
  }

  /** The places of a service where a process runs. */
  running(service: ServiceName): readonly Replica[] {
    return this.replicas.filter((replica) => replica.service === service && this.#programs.has(replica));
  }

  /** The gateways as a balancer sees them. */
  get gateways(): readonly Backend[] {
    return this.replicas.filter(({ service }) => service === 'gateway');
  }

  /**
   * Asks one process to end and starts another in its place, with `env` over its configuration; fails unless it ends with 0.
   * Answers with how long it took to end, in milliseconds.
   */
  async restart(replica: Replica, env: NodeJS.ProcessEnv = {}): Promise<number> {
    const tookMs = await this.#end(replica, 'SIGTERM');
    await this.#start(replica, env);
    return tookMs;
  }

  /**
   * Replaces every process of a service as a cluster does it: one after the other, and a new one is there before an old one is asked
   * to end. Needs a spare. Answers with how long each took to end, in milliseconds; fails unless it ends with 0. Given `SIGKILL`, does not ask.
   */
  async replace(service: ServiceName, { settle, ending = 'SIGTERM', patienceMs }: TakingOver): Promise<readonly number[]> {
    const tookMs: number[] = [];
    for (const old of this.running(service)) {
      const fresh = this.replicas.find((replica) => replica.service === service && !this.#programs.has(replica));
      assert.ok(fresh, `no spare for ${service}`);
      await this.#start(fresh);
      await settle(fresh);
      tookMs.push(await this.#end(old, ending, patienceMs));
    }
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

  async #end(replica: Replica, ending: Ending, patienceMs?: number): Promise<number> {
    const program = this.#programs.get(replica);
    this.#programs.delete(replica);
    const startedAt = performance.now();
    if (ending === 'SIGKILL') program?.kill();
    const code = await (ending === 'SIGKILL' ? program?.exited : program?.stop(patienceMs));
    if (ending === 'SIGTERM') assert.equal(code, 0, `${replica.service} ended with ${code}:\n${program?.tail()}`);
    return performance.now() - startedAt;
  }

  async #start(replica: Replica, more: NodeJS.ProcessEnv = {}): Promise<void> {
    const { service, port, dataPort, metricsPort } = replica;
    const listen = service === 'gateway' ? { MEDLEY_LISTEN__PORT: String(port) } : { MEDLEY_GRPC__LISTEN: `127.0.0.1:${port}` };
    const ports = { ...listen, MEDLEY_DATA_PORT__LISTEN: `127.0.0.1:${dataPort}`, MEDLEY_METRICS__PORT: String(metricsPort) };
    const env = { ...ports, ...this.#envOf(service), ...more };
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
