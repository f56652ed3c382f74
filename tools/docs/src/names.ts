import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveConfig } from '@medley/config/load';
import { readBlocks } from './markdown.ts';
import { ROOT, type Page } from './pages.ts';

const METRIC = /\b(?:medley_[a-z_]+|(?:http_server|rpc_server|rpc_client|nodejs|process)_[a-z_]+)\b/g;
const SERIES = /_(?:bucket|count|sum)$/;
/** Names in Compose's, Kubernetes' or the configuration's language that look like metrics. */
const NO_METRIC = /^medley_(?:test|v)/;
const PATH = /(?<=[a-z0-9"'}])\/(?:_matrix|_synapse|_medley)\/[a-z0-9_.$%!@:{}/-]*/gi;
const PLACE = /\b(?:127\.0\.0\.1|localhost):(\d+)/g;
/** Answered by the homeserver. */
const OF_THE_HOMESERVER = ['/_matrix/key/v2/server', '/_matrix/client/versions'];
/** Where others listen in our examples: a homeserver, clamd, Grafana and Prometheus. */
const OTHERS_PORTS = [8018, 3310, 3000, 9091];

/** What exists and may so be named. */
export interface Names {
  readonly metrics: ReadonlySet<string>;
  readonly ports: ReadonlySet<number>;
  /** The text of all pages that describe paths. */
  readonly paths: string;
  /** The text of all sources that ship. */
  readonly sources: string;
}

/** Collects the names: metrics and paths from the reference, which has tests of its own; ports from the defaults; log lines from the sources. */
export async function readNames(): Promise<Names> {
  const metrics = await readFile(join(ROOT, 'docs/reference/metrics.md'), 'utf8');
  const apis = await Promise.all(['http-api.md', 'admin-api.md', 'medley-api.md', 'openapi.yaml'].map((name) => readFile(join(ROOT, 'docs/reference', name), 'utf8')));
  const { listen, metrics: health, grpc, data_port: data } = await resolveConfig({ homeservers: [{ server_name: 'example.org' }] }, {});
  const six = (first: number): readonly number[] => Array.from({ length: 6 }, (_, index) => first + index);
  const ports = [listen.port, ...six(health.port), ...six(portOf(grpc.listen)), portOf(data.listen), ...OTHERS_PORTS];
  return { metrics: new Set(metrics.match(METRIC)), ports: new Set(ports), paths: apis.join('\n'), sources: await readSources() };
}

/** The metrics, ports, paths and log lines of a page that there are not. Log lines are what a table has in a column of that name. */
export function findUnknownNames({ path, text }: Page, { metrics, ports, paths, sources }: Names): readonly string[] {
  const code = readBlocks(text);
  const commands = code.filter(({ language }) => language === 'sh').map((block) => block.text).join('\n');
  const unknown = [
    ...(text.match(METRIC) ?? []).filter((name) => !NO_METRIC.test(name) && !metrics.has(name) && !metrics.has(name.replace(SERIES, ''))),
    ...code.flatMap((block) => [...block.text.matchAll(PLACE)]).filter(([, port]) => !ports.has(Number(port))).map(([place]) => place),
    ...(commands.match(PATH) ?? []).filter((name) => !OF_THE_HOMESERVER.includes(name) && !paths.includes(toFixedPart(name))),
    ...readColumn(text, 'log line').filter((line) => !sources.includes(`'${line}'`) && !sources.includes(`'${line}:`)),
  ];
  return unknown.map((name) => `${path}: there is no ${name}`);
}

/** The code in one column of all tables of a page. */
function readColumn(text: string, title: string): readonly string[] {
  let column = -1;
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('|')) {
      column = -1;
      return [];
    }
    const cells = line.split('|').map((cell) => cell.trim());
    if (column < 0) column = cells.indexOf(title);
    return column < 0 ? [] : [...(cells[column] ?? '').matchAll(/`([^`]+)`/g)].map(([, phrase = '']) => phrase);
  });
}

/** What of a path is the same for all media, users and rooms; the versions of the deprecated paths are written as one in the reference. */
function toFixedPart(path: string): string {
  const parts = path.split('/').slice(1);
  const end = parts.findIndex((part) => /[$%!@:{.]|^(?:example|localhost|x$)/.test(part));
  return (end < 0 ? parts : parts.slice(0, end)).slice(parts[0] === '_matrix' && parts[1] === 'media' ? 3 : 2).join('/').replace(/^.*v1\//, '');
}

async function readSources(): Promise<string> {
  const trees = ['apps', 'libs'].map(async (top) => {
    const files = await readdir(join(ROOT, top), { recursive: true });
    const shipped = files.filter((file) => /^[^/]+\/src\/.*\.ts$/.test(file) && !/\.(?:test|fixture|contract)\.ts$/.test(file) && !/^(?:e2e|testing)\//.test(file));
    return Promise.all(shipped.map((file) => readFile(join(ROOT, top, file), 'utf8')));
  });
  return (await Promise.all(trees)).flat().join('\n');
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
