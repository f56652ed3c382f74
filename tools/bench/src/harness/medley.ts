import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePorts } from '@medley/testing/free-ports';
import { Program } from './program.ts';

/** `one process`: as `npm start`. `services`: one process a service, over TCP, as `npm run services`. */
export type Form = 'one process' | 'services';

export interface MedleyOptions {
  readonly form: Form;
  /** An empty folder for the configuration and all data. */
  readonly folder: string;
  readonly logLevel: string;
  /** Sections of the configuration file beside those that are needed to run here. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A Medley that is ready. */
export interface Medley extends AsyncDisposable {
  /** The process that started all others. */
  readonly pid: number;
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly serverName: string;
  /** Where the blobs lie. */
  readonly dataFolder: string;
  /** Only the form `services` listens there. */
  readonly grpc: { readonly metadata: string; readonly storage: string; readonly thumbnail: string; readonly token: string };
  /** From the start of the program until everything said that it is ready. */
  readonly startMs: number;
}

export const ROOT = join(import.meta.dirname, '../../../..');
const SCRIPTS: Readonly<Record<Form, string>> = { 'one process': 'apps/medley/src/main.ts', services: 'apps/medley/src/services.ts' };
const SERVICES = 6;
const SERVER_NAME = 'bench.example';
const TOKEN = 'bench-user-token';
const GRPC_TOKEN = 'bench-grpc-token';
const READY_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 5;

/** Starts a Medley with embedded stores and one static token, and waits until it is ready. */
export async function startMedley(options: MedleyOptions): Promise<Medley> {
  const { form, folder } = options;
  const port = await findFreePorts(7 + SERVICES);
  const metricsPort = port + 7;
  const at = (offset: number): string => `127.0.0.1:${port + offset}`;
  const grpc = { metadata: at(1), storage: at(2), thumbnail: at(3), url_preview: at(5), federation_fetch: at(6), token: GRPC_TOKEN };
  const configPath = join(folder, 'medley.yaml');
  const config = { ...toConfig(options, port), grpc, data_port: { listen: at(4) }, metrics: { port: metricsPort } };
  await writeFile(configPath, JSON.stringify(config)); // JSON is YAML
  const startedAt = performance.now();
  const program = await Program.start(process.execPath, { args: [join(ROOT, SCRIPTS[form]), '--config', configPath], errorLog: join(folder, 'errors.log') });
  await using opened = new AsyncDisposableStack();
  opened.use(program);
  const ready = Array.from({ length: form === 'services' ? SERVICES : 1 }, (_, index) => answers(`http://127.0.0.1:${metricsPort + index}/readyz`));
  await Promise.race([Promise.all(ready), program.failOnExit()]);
  const startMs = performance.now() - startedAt;
  const owned = opened.move();
  return {
    pid: program.pid, url: `http://127.0.0.1:${port}`, port, token: TOKEN, serverName: SERVER_NAME, dataFolder: config.data_dir, grpc, startMs,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** One user is all the load here: it is counted as anybody's is, and never refused. */
const RATE = { per_second: 1e9, burst: 1e9 };
const RATES = { per_user: RATE, per_address: RATE };
const ENOUGH = { upload: RATES, create: RATES, download: RATES, thumbnail: RATES, other: RATES, thumbnails: { at_once: 0 } };

function toConfig({ folder, logLevel, config }: MedleyOptions, port: number) {
  return {
    listen: { host: '127.0.0.1', port },
    data_dir: join(folder, 'data'),
    homeservers: [{ server_name: SERVER_NAME, static_tokens: [{ token: TOKEN, user_id: `@user:${SERVER_NAME}` }] }],
    uploads: { max_bytes: '128M', max_pending: 1000 },
    rate_limits: ENOUGH,
    telemetry: { log_level: logLevel },
    ...config,
  };
}

/** Asks until the answer has this status. */
export async function answers(url: string, expected = 200): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const status = await fetch(url).then(readStatus, () => 'no answer');
    if (status === expected) return;
    if (performance.now() > deadline) throw new Error(`${url} says ${status} after ${READY_WITHIN_MS} ms`);
    await sleep(ASK_EVERY_MS);
  }
}

async function readStatus(response: Response): Promise<number> {
  await response.arrayBuffer();
  return response.status;
}
