import { Program } from './program.ts';
import type { Site } from './site.ts';
import { SERVICES, stopProgram, untilReady, type ServiceName } from './system.ts';

/** Runs one service's own main, as a container does, and waits until it is ready. `env` lies over the site's configuration. */
export async function startMain(site: Site, service: ServiceName, env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const metrics = String(site.ports.metrics + SERVICES.indexOf(service));
  const listen = service === 'gateway' ? {} : { MEDLEY_GRPC__LISTEN: `127.0.0.1:${site.ports[service]}` };
  const whole = { MEDLEY_METRICS__PORT: metrics, ...listen, ...env };
  const program = Program.start(`apps/${service}/src/main.ts`, ['--config', site.configPath], whole);
  await untilReady(program, [Number(whole.MEDLEY_METRICS__PORT)]);
  return program;
}

/** Every service as a process of its own with nobody to start it again, so that a test decides what runs. */
export class Mains implements AsyncDisposable {
  readonly site: Site;
  readonly #programs = new Map<ServiceName, Program>();

  private constructor(site: Site) {
    this.site = site;
  }

  static async start(site: Site): Promise<Mains> {
    const mains = new Mains(site);
    // The gateway is ready only when the others are.
    for (const service of ['metadata', 'storage', 'thumbnail', 'gateway'] as const) await mains.start(service);
    return mains;
  }

  async start(service: ServiceName): Promise<void> {
    this.#programs.set(service, await startMain(this.site, service));
  }

  /** Ends a service without a chance to clean up. */
  async kill(service: ServiceName): Promise<void> {
    const program = this.#programs.get(service);
    this.#programs.delete(service);
    program?.kill();
    await program?.exited;
  }

  signal(service: ServiceName, signal: NodeJS.Signals): void {
    this.#programs.get(service)?.signal(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The gateway first: while it drains it needs the others.
    for (const program of [...this.#programs.values()].toReversed()) await stopProgram(program);
    await this.site[Symbol.asyncDispose]();
  }
}
