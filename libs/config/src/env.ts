import { parse } from 'yaml';

type Env = Readonly<Record<string, string | undefined>>;
type Tree = Record<string, unknown>;

const PREFIX = 'MEDLEY_';
const SEPARATOR = '__';
/** Variables of tests and tools, which are no configuration. */
const NOT_CONFIG = /^MEDLEY_(TEST|REQUIRE|BENCH|FAULTS|CRASH)_/;
/** What Kubernetes sets for every Service whose name begins with ours. */
const SERVICE_LINK = /^MEDLEY_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_[0-9]+_(TCP|UDP)(_\w+)?)?)$/;

/**
 * Lays the environment over a configuration: `MEDLEY_UPLOADS__MAX_BYTES=100M` sets `uploads.max_bytes`. Values are
 * read as YAML, so that lists and objects can be given too; a number in a path names an entry of a list.
 */
export function overlayEnv(raw: unknown, env: Env): unknown {
  if (!isTree(raw)) return raw;
  const config = structuredClone(raw);
  // what sets a whole comes before what sets a part of it
  for (const [name, value] of Object.entries(env).toSorted(([one], [other]) => one.length - other.length)) {
    if (value === undefined || !name.startsWith(PREFIX) || NOT_CONFIG.test(name) || isServiceLink(name)) continue;
    set(config, name.slice(PREFIX.length).toLowerCase().split(SEPARATOR), readValue(name, value));
  }
  return config;
}

/** Secrets and paths are text even where YAML would see something else in them. */
function readValue(name: string, value: string): unknown {
  if (/(TOKEN|KEY|URI|FILE|SECRET|CERT|CA)$/.test(name)) return value;
  return parse(value) ?? value;
}

function set(tree: Tree, [head = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  if (typeof tree[head] !== 'object' || tree[head] === null) tree[head] = /^[0-9]+$/.test(rest[0] ?? '') ? [] : {};
  set(tree[head] as Tree, rest, value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `MEDLEY_METRICS__PORT` is ours: only our own names have a double underscore. */
function isServiceLink(name: string): boolean {
  return !name.includes(SEPARATOR) && SERVICE_LINK.test(name);
}
