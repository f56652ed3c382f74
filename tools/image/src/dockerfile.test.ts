import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveConfig } from '@medley/config/load';
import { environmentOf, parseDockerfile, parseExecForm, textsOf, type Dockerfile } from './dockerfile.ts';
import { BUILD_STAGE, readDockerfile, ROOT } from './image-tree.ts';

const LOWEST_USER = 10_000;

/** What of a Dockerfile is not as it must be, in words. */
async function problemsOf({ args, stages }: Dockerfile): Promise<readonly string[]> {
  const last = stages.at(-1);
  assert.ok(last);
  const pinned = (await readFile(join(ROOT, '.node-version'), 'utf8')).trim();
  const [user = ''] = textsOf(last, 'USER');
  const everything = stages.flatMap(({ instructions }) => instructions);
  const wrong = {
    'the base is not the Node of .node-version': args.get('NODE_IMAGE') !== `docker.io/library/node:${pinned}-bookworm-slim`,
    'a stage has another base': stages.some(({ base }) => base.replaceAll(/[${}]/g, '') !== 'NODE_IMAGE'),
    'there is no build stage': stages[0]?.name !== BUILD_STAGE,
    'the user is root, or has a name': !/^\d+:\d+$/.test(user) || Number.parseInt(user, 10) < LOWEST_USER,
    'the last user is not the one who runs': last.instructions.findLastIndex(({ keyword }) => keyword === 'USER') < last.instructions.findLastIndex(({ keyword }) => keyword === 'RUN'),
    'it does not end on SIGTERM': textsOf(last, 'STOPSIGNAL').join() !== 'SIGTERM',
    'data is no volume': textsOf(last, 'VOLUME').join() !== '/data',
    'a shell stands before the program': !isListed(textsOf(last, 'ENTRYPOINT')) || !isListed(textsOf(last, 'CMD')),
    'nobody takes ended children': !textsOf(last, 'ENTRYPOINT').join().includes('"/usr/bin/tini", "--"'),
    'memory is not bounded': !textsOf(last, 'ENTRYPOINT').join().includes('"node", "--max-semi-space-size=8",'),
    'something comes from elsewhere': everything.some(({ keyword }) => keyword === 'ADD'),
    'install scripts run': !textsOf(stages[0] ?? last, 'RUN').includes('npm ci --omit=dev --ignore-scripts'),
    'a port is missing': textsOf(last, 'EXPOSE').join() !== '8008 9090 50051 8081',
    'labels are missing': !textsOf(last, 'LABEL').join().includes('org.opencontainers.image.licenses="Apache-2.0"'),
  };
  return Object.entries(wrong).filter(([, is]) => is).map(([text]) => text);
}

function isListed(texts: readonly string[]): boolean {
  return texts.length === 1 && texts[0]?.startsWith('[') === true;
}

describe('the Dockerfile', () => {
  it('is pinned, runs as a user without a name, and takes signals', async () => {
    assert.deepEqual(await problemsOf(await readDockerfile()), []);
  });

  it('each of these rules can be broken', async () => {
    const text = await readFile(join(ROOT, 'deploy/docker/Dockerfile'), 'utf8');
    const broken: readonly (readonly [RegExp, string, string])[] = [
      [/24\.\d+\.\d+/g, 'latest', 'the base is not the Node of .node-version'],
      [/^USER .*$/m, 'USER node', 'the user is root, or has a name'],
      [/^ENTRYPOINT .*$/m, 'ENTRYPOINT node main.ts', 'a shell stands before the program'],
      [/ "--max-semi-space-size=8",/, '', 'memory is not bounded'],
      [/ --ignore-scripts/, '', 'install scripts run'],
      [/^COPY \. \.$/m, 'ADD https://example.org/x.tar .', 'something comes from elsewhere'],
      [/^FROM \$\{NODE_IMAGE\}$/m, 'FROM debian', 'a stage has another base'],
    ];
    for (const [pattern, replacement, problem] of broken) {
      const problems = await problemsOf(parseDockerfile(text.replace(pattern, replacement)));
      assert.ok(problems.includes(problem), `${problem} is missing in: ${problems.join()}`);
    }
  });

  it('starts a program that is there, and sets only what the configuration knows', async () => {
    const { stages } = await readDockerfile();
    const last = stages.at(-1);
    assert.ok(last);
    const entry = parseExecForm(textsOf(last, 'ENTRYPOINT')[0] ?? '').at(-1) ?? '';
    await access(join(ROOT, entry.replace('/opt/medley/', '')));
    const config = await resolveConfig({ homeservers: [{ server_name: 'example.org' }] }, environmentOf(last));
    assert.deepEqual([config.data_dir, config.listen.host, config.metrics.host, config.grpc.listen, config.data_port.listen], [
      '/data', '0.0.0.0', '0.0.0.0', '0.0.0.0:50051', '0.0.0.0:8081',
    ]);
  });
});
