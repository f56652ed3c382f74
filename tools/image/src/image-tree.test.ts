import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { findFreePorts } from '@medley/testing/free-ports';
import { makeTempDir } from '@medley/testing/temp-dir';
import { findConfinement, type Confinement } from './confinement.ts';
import { environmentOf, parseExecForm, textsOf } from './dockerfile.ts';
import { makeImageTree, readDockerfile, ROOT } from './image-tree.ts';

const SERVICES = ['gateway', 'metadata', 'storage', 'thumbnail', 'url-preview', 'federation-fetch', 'clamav-scanner', 'all-in-one'] as const;
const INSTALL_LIMIT_MS = 300_000;
const GRACE_MS = 10_000;
const TOKEN = 'a-token-for-tests';
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const IMAGE_TREE = '/opt/medley';

const folder = await makeTempDir();
after(async () => {
  await folder[Symbol.asyncDispose]();
});
const parts = { tree: join(folder.path, 'tree'), data: join(folder.path, 'data') };
await chmod(folder.path, 0o755);
for (const path of Object.values(parts)) await mkdir(path);
const image = (await readDockerfile()).stages.at(-1);
assert.ok(image);
const environment = environmentOf(image);
const [user = 0] = (textsOf(image, 'USER')[0] ?? '').split(':').map(Number);
/** The entry point without `tini --`, which is the engine's to install. */
const [, , node, ...entryPoint] = parseExecForm(textsOf(image, 'ENTRYPOINT')[0] ?? '');

/** Runs the image's entry point with `args` in what it would find in a container. */
function start({ seen, command }: Confinement, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const inTree = (text: string): string => text.replace(IMAGE_TREE, seen.tree).replace(/^\/data$/, seen.data);
  const own = Object.fromEntries(Object.entries(environment).map(([name, text]) => [name, inTree(text)]));
  const [program = '', ...rest] = command([...entryPoint.map(inTree), ...args]);
  const child = spawn(program, rest, { env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  return { child, said: () => output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

/** The process that logs, below whoever confines it. */
function pidIn(output: string): number {
  const [, pid = '0'] = /"pid":(\d+)/.exec(output) ?? [];
  return Number(pid);
}

async function listFiles(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly group?: string;
}

describe('what the image has in /opt/medley', { timeout: 2 * INSTALL_LIMIT_MS }, () => {
  it('is made by the commands of the Dockerfile', { timeout: INSTALL_LIMIT_MS }, () => makeImageTree(parts.tree));

  it('has no tests, no tools, and nothing that only developers need', async () => {
    const files = await listFiles(parts.tree);
    const own = files.filter((path) => !path.includes('node_modules/'));
    assert.deepEqual(own.filter((path) => /\.(test|contract|fixture)\.ts$|\/testing\//.test(path) || !/^(apps|libs|[^/]+$)/.test(path)), []);
    assert.ok(own.includes('apps/gateway/src/main.ts') && own.includes('LICENSE'));
    const packages = await readdir(join(parts.tree, 'node_modules'));
    assert.ok(packages.includes('sharp'));
    const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly devDependencies: object };
    for (const name of ['matrix-js-sdk', ...Object.keys(devDependencies)]) assert.ok(!packages.includes(name), name);
    for (const path of ['apps/e2e', 'libs/testing', 'tools', 'node_modules/@medley/testing']) await assert.rejects(access(join(parts.tree, path)), path);
  });

  it('has a list of its packages that names each of them', async () => {
    const { components } = JSON.parse(await readFile(join(parts.tree, 'sbom.cdx.json'), 'utf8')) as { components: readonly Component[] };
    const named = new Set(components.map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name}@${version}`));
    const manifests = (await listFiles(parts.tree)).filter((path) => /(^|\/)node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(path));
    assert.ok(manifests.length > 100);
    for (const path of manifests) {
      const { name, version } = JSON.parse(await readFile(join(parts.tree, path), 'utf8')) as Component;
      if (!path.includes('@medley/')) assert.ok(named.has(`${name}@${version}`), `${name}@${version} is not in the list`);
    }
  });

  it('runs every program as its user, writes nothing but data, and ends in time when it is asked to', { timeout: 180_000 }, async (t) => {
    const confinement = findConfinement(parts, user);
    if (typeof confinement === 'string') {
      t.skip(confinement);
      return;
    }
    t.diagnostic(`confined by ${confinement.how}`);
    assert.equal(node, 'node');
    for (const name of SERVICES) await t.test(name, { timeout: 60_000 }, () => runsAndEnds(confinement, name, name === 'all-in-one' ? makesThumbnails : undefined));
    await t.test('medley', async () => {
      const { ended, said } = start(confinement, ['medley', '--help']);
      assert.equal(await ended, 0, said());
      assert.match(said(), /config/);
    });
    await t.test('a name that it does not know', async () => {
      const { ended, said } = start(confinement, ['gatway']);
      assert.equal(await ended, 64);
      assert.match(said(), /no "gatway" here; there are: .*gateway/);
    });
    await t.test('writing to its own files', async () => {
      const [program = '', ...args] = confinement.command(['-e', `require('node:fs').writeFileSync('${confinement.seen.tree}/apps/new', '')`]);
      const [code] = (await once(spawn(program, args, { stdio: 'ignore' }), 'exit')) as [number | null];
      assert.notEqual(code, 0);
    });
  });
});

/** Starts a program, waits until it is up, lets `use` ask it something, and asks it to end. */
async function runsAndEnds(confinement: Confinement, name: string, use: (url: string) => Promise<void> = async () => {}): Promise<void> {
  const first = await findFreePorts(4);
  const homeserver = { server_name: 'localhost', static_tokens: [{ token: TOKEN, user_id: '@user:localhost' }] };
  const env = {
    MEDLEY_HOMESERVERS: JSON.stringify([homeserver]), MEDLEY_LISTEN__PORT: String(first), MEDLEY_METRICS__PORT: String(first + 1),
    MEDLEY_GRPC__LISTEN: `127.0.0.1:${first + 2}`, MEDLEY_DATA_PORT__LISTEN: `127.0.0.1:${first + 3}`,
  };
  const { child, said, ended } = start(confinement, [name], env);
  try {
    await eventually(async () => {
      assert.equal(child.exitCode, null, said());
      assert.equal((await fetch(`http://127.0.0.1:${first + 1}/healthz`)).status, 200);
      assert.match(said(), /"started"/);
    }, 30_000);
    await use(`http://127.0.0.1:${first}`);
    const askedAt = performance.now();
    process.kill(pidIn(said()), 'SIGTERM');
    assert.equal(await ended, 0, said());
    assert.ok(performance.now() - askedAt < GRACE_MS);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Uploads a picture and asks for a thumbnail: sharp's binaries come without install scripts. */
async function makesThumbnails(url: string): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'image/png' };
  const uploaded = await fetch(`${url}/_matrix/media/v3/upload`, { method: 'POST', headers, body: PIXEL });
  const { content_uri: uri } = (await uploaded.json()) as { readonly content_uri: string };
  const thumbnail = await fetch(`${url}/_matrix/client/v1/media/thumbnail/${uri.replace('mxc://', '')}?width=32&height=32&method=crop`, { headers });
  assert.equal(thumbnail.status, 200, await thumbnail.text());
  assert.match(thumbnail.headers.get('content-type') ?? '', /^image\//);
}
