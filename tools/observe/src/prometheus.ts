import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled } from '@medley/tool-real-services/install';
import { openLocalServer } from '@medley/tool-real-services/local-server';
import type { Pin } from '@medley/tool-real-services/pins';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';

const modules = new URL('../go/', import.meta.url);
const PROMETHEUS: Pin = { name: 'prometheus', version: '0.316.0', package: 'github.com/prometheus/prometheus/cmd/prometheus', modules };
const PROMTOOL: Pin = { name: 'promtool', version: '0.316.0', package: 'github.com/prometheus/prometheus/cmd/promtool', modules };
/** Without what finds targets in clouds, which is most of the build and which nothing here asks for. */
const GOFLAGS = '-tags=remove_all_sd';
const SCRAPE_INTERVAL = '500ms';

/** A time series and its last value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that scrapes. Disposing of it ends it and removes its data. */
export interface Prometheus extends AsyncDisposable {
  /** What an instant query answers. Fails with what Prometheus says of a query that is wrong. */
  query(expression: string): Promise<readonly Sample[]>;
  /** The exemplars of the last hour. */
  exemplars(selector: string): Promise<number>;
  /** Why targets can't be scraped; nothing if all can. */
  scrapeErrors(): Promise<readonly string[]>;
}

/** Starts a Prometheus that scrapes these jobs, each at `host:port`; or says why none can be had. */
export async function startPrometheus(targets: Readonly<Record<string, string>>): Promise<Prometheus | Unavailable> {
  const installed = await install(PROMETHEUS);
  if (isUnavailable(installed)) return installed;
  const folder = await mkdtemp(join(tmpdir(), 'medley-observe-'));
  const config = join(folder, 'prometheus.yaml');
  await writeFile(config, JSON.stringify({
    global: { scrape_interval: SCRAPE_INTERVAL, scrape_timeout: SCRAPE_INTERVAL },
    scrape_configs: Object.entries(targets).map(([job, target]) => ({ job_name: job, static_configs: [{ targets: [target] }] })),
  }));
  const server = await openLocalServer({
    name: 'prometheus',
    command: installed.program,
    args: (dataFolder, port) => [
      `--config.file=${config}`, `--storage.tsdb.path=${join(dataFolder, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage', '--log.level=error',
    ],
    env: { PATH: process.env['PATH'], HOME: folder },
    isReady: async (port) => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok,
  });
  const ask = (path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> => askApi(`http://127.0.0.1:${server.port}/api/v1/${path}`, parameters);
  return {
    query: async (query) => readVector(await ask('query', { query })),
    exemplars: async (query) => {
      const start = String(Date.now() / 1000 - 3600);
      const found = (await ask('query_exemplars', { query, start, end: String(Date.now() / 1000 + 60) })) as readonly { exemplars: readonly unknown[] }[];
      return found.flatMap(({ exemplars }) => exemplars).length;
    },
    scrapeErrors: async () => {
      const { activeTargets } = (await ask('targets', {})) as { activeTargets: readonly { health: string; lastError: string; scrapeUrl: string }[] };
      return activeTargets.filter(({ health }) => health === 'down').map(({ scrapeUrl, lastError }) => `${scrapeUrl}: ${lastError}`);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs promtool; answers with its exit code and all that it said, or why there is none. */
export async function runPromtool(args: readonly string[], cwd: string): Promise<{ readonly code: number; readonly said: string } | Unavailable> {
  const installed = await install(PROMTOOL);
  if (isUnavailable(installed)) return installed;
  const child = spawn(installed.program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  await once(child, 'close');
  return { code: child.exitCode ?? 1, said };
}

function install(pin: Pin): ReturnType<typeof ensureInstalled> {
  return ensureInstalled(pin, { env: { ...process.env, GOFLAGS }, onBuild: (message) => process.stderr.write(`${message}\n`) });
}

async function askApi(url: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const response = await fetch(`${url}?${new URLSearchParams(parameters).toString()}`).catch(() => undefined);
  const answer = response && ((await response.json()) as { status: string; error?: string; data: unknown });
  if (answer?.status === 'success') return answer.data;
  throw new Error(`${JSON.stringify(parameters)}: ${answer?.error ?? 'no answer'}`);
}

interface Vector {
  readonly resultType: string;
  readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }[];
}

function readVector(data: unknown): readonly Sample[] {
  const { resultType, result } = data as Vector;
  if (resultType !== 'vector') throw new Error(`a ${resultType} instead of a vector`);
  return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
