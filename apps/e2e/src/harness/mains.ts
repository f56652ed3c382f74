import { Program } from './program.ts';
import type { Site } from './site.ts';
import { SERVICES, stopProgram, untilReady, type ServiceName } from './system.ts';

/** What the processes of services are started with, besides the site's configuration. */
export interface Surroundings {
  /** Lies over the configuration. */
  readonly env?: NodeJS.ProcessEnv;
  /** Options for Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** Runs one service's own main, as a container does, and waits until it is ready. `env` lies over the site's configuration. */
export async function startMain(site: Site, service: ServiceName, env: NodeJS.ProcessEnv = {}, nodeArgs: readonly string[] = []): Promise<Program> {
  const metrics = String(site.ports.metrics + SERVICES.indexOf(service));
  const listen = service === 'gateway' ? {} : { MEDLEY_GRPC__LISTEN: `127.0.0.1:${site.ports[service]}` };
  const whole = { MEDLEY_METRICS__PORT: metrics, ...listen, ...env };
  const program = Program.start(`apps/${service}/src/main.ts`, ['--config', site.configPath], whole, nodeArgs);
  await untilReady(program, [Number(whole.MEDLEY_METRICS__PORT)]);
  return program;
}

/** Every service as a process of its own with nobody to start it again, so that a test decides what runs. */
export class Mains implements AsyncDisposable {
  readonly site: Site;
  /** Every program that was started so far, the ended ones included. */
  readonly started: Program[] = [];
  readonly #surroundings: Surroundings;
  readonly #programs = new Map<ServiceName, Program>();

  private constructor(site: Site, surroundings: Surroundings) {
    this.site = site;
    this.#surroundings = surroundings;
  }

  static async start(site: Site, surroundings: Surroundings = {}): Promise<Mains> {
    const mains = new Mains(site, surroundings);
    // The gateway is ready only when the others are.
    for (const service of ['metadata', 'storage', 'thumbnail', 'url-preview', 'federation-fetch', 'gateway'] as const) await mains.start(service);
    return mains;
  }

  async start(service: ServiceName): Promise<void> {
    const { env, nodeArgs } = this.#surroundings;
    const program = await startMain(this.site, service, env, nodeArgs);
    this.#programs.set(service, program);
    this.started.push(program);
  }

  /** The program that was started last for a service; `undefined` after `kill`. */
  running(service: ServiceName): Program | undefined {
    return this.#programs.get(service);
  }

  /** Ends a service without a chance to clean up. */
  async kill(service: ServiceName): Promise<void> {
    const program = this.#programs.get(service);
    this.#programs.delete(service);
    program?.kill();
    await program?.exited;
  }

  /** Kills a service, runs `act`, and starts it again. */
  async without(service: ServiceName, act: () => Promise<void>): Promise<void> {
    await this.kill(service);
    try {
      await act();
    } finally {
      await this.start(service);
    }
  }

  signal(service: ServiceName, signal: NodeJS.Signals): void {
    this.#programs.get(service)?.signal(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The gateway first: while it drains it needs the others.
    const programs = [...this.#programs.values()].toReversed();
    try {
      for (const program of programs) await stopProgram(program);
    } finally {
      // Whoever could not be stopped well is not left behind.
      for (const program of programs) if (!program.hasExited) program.kill();
      await this.site[Symbol.asyncDispose]();
    }
  }
}
