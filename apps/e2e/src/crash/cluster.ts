import assert from 'node:assert/strict';
import { ARMING_FOLDER_VARIABLE, ArmedPoint, FAULTS_CONDITION, type FaultAction } from '@medley/fault-points/arming';
import type { FaultPoint } from '@medley/fault-points/fault-points';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { Mains } from '../harness/mains.ts';
import { Program, type LogLine } from '../harness/program.ts';
import { Site, type Config } from '../harness/site.ts';
import type { Stores } from '../harness/stores.ts';
import { SERVICES, type ServiceName } from '../harness/system.ts';

/** Everything that waits for hours in earnest waits for a second here. */
export const CRASH_CONFIG = {
  uploads: { max_bytes: '200M', max_pending: 0 },
  cache: { max_stale: '2s' },
  maintenance: { orphan_grace: '1s', removal_wait: '1s', removal_retry: '2s', staging_grace: '15s', pending_grace: '1h' },
} as const;
/** The smallest part of a multipart upload. */
const S3_CONFIG = { part_bytes: '5M' };
const READY_WITHIN_MS = 30_000;
const SWEEP_LIMIT_MS = 60_000;

/** How a sweep ended. */
export interface SweepResult {
  /** `null` if it was killed. */
  readonly code: number | null;
  readonly program: Program;
}

/** The services as processes whose fault points can be armed, and the sweep beside them. */
export class Cluster implements AsyncDisposable {
  readonly site: Site;
  readonly mains: Mains;
  readonly sweeps: Program[] = [];
  readonly #folder: string;
  readonly #owned: AsyncDisposableStack;

  private constructor(mains: Mains, folder: string, owned: AsyncDisposableStack) {
    this.site = mains.site;
    this.mains = mains;
    this.#folder = folder;
    this.#owned = owned;
  }

  /** Takes the stores over. */
  static async start(stores: Stores, config: Config = {}): Promise<Cluster> {
    await using stack = new AsyncDisposableStack();
    const { path: folder } = stack.use(await makeTempDir());
    const storage = 'bucket' in stores.config.storage ? { storage: S3_CONFIG } : {};
    const site = await Site.open({ stores, config: { ...CRASH_CONFIG, ...storage, ...config } });
    const mains = stack.use(await Mains.start(site, { env: { [ARMING_FOLDER_VARIABLE]: folder }, nodeArgs: [FAULTS_CONDITION] }));
    return new Cluster(mains, folder, stack.move());
  }

  /** The logs of every process that ran so far. */
  *logs(): Generator<LogLine> {
    for (const program of [...this.mains.started, ...this.sweeps]) yield* program.logs;
  }

  /** The last lines of those that run now. */
  tail(): string {
    return SERVICES.map((service) => `--- ${service}\n${this.mains.running(service)?.tail() ?? 'does not run'}`).join('\n');
  }

  arm(point: FaultPoint, action: FaultAction): Promise<ArmedPoint> {
    return ArmedPoint.arm(this.#folder, point, action);
  }

  /** Kills services at once and starts them again; answers with how long it took until all was ready, in milliseconds. */
  async restart(services: readonly ServiceName[]): Promise<number> {
    await Promise.all(services.map((service) => this.mains.kill(service)));
    const killedAt = performance.now();
    await Promise.all(services.map((service) => this.mains.start(service)));
    await this.untilReady();
    return performance.now() - killedAt;
  }

  /** Waits until the gateway and with it all others are ready. */
  async untilReady(): Promise<void> {
    await eventually(async () => {
      const response = await fetch(`http://127.0.0.1:${this.site.ports.metrics}/readyz`);
      assert.equal(response.status, 200, await response.text());
    }, READY_WITHIN_MS, 50);
  }

  /** Runs `medley sweep` to its end; it asks the services, or, given `--standalone`, opens the stores in a process of its own. */
  async sweep(how: '--connect' | '--standalone' = '--connect', env: NodeJS.ProcessEnv = {}): Promise<SweepResult> {
    const args = ['sweep', '--json', how, '--config', this.site.configPath];
    using program = Program.start('apps/cli/src/main.ts', args, { ...env, [ARMING_FOLDER_VARIABLE]: this.#folder }, [FAULTS_CONDITION]);
    this.sweeps.push(program);
    const limit = setTimeout(() => program.kill(), SWEEP_LIMIT_MS);
    const code = await program.exited;
    clearTimeout(limit);
    return { code, program };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whoever died and was not started again, because a run failed, is nothing to be stopped.
    for (const service of SERVICES) if (this.mains.running(service)?.hasExited) await this.mains.kill(service);
    await this.#owned.disposeAsync();
  }
}
