import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeRealService } from '@medley/tool-real-services/skip';
import { readGolden } from './golden.ts';
import { listAt, textAt } from './json.ts';
import { ofKind } from './objects.ts';
import { acquirePrograms } from './programs.ts';
import { type KubeObject, parseObjects, renderText, valuesOf } from './render.ts';

const CLIENT = [
  '/_matrix/media/v3/upload', '/_matrix/media/v1/create', '/_matrix/media/v3/upload/example.org/abc', '/_matrix/media/r0/download/example.org/abc', '/_matrix/media/v3/preview_url',
  '/_matrix/client/v1/media/config', '/_matrix/client/v1/media/download/example.org/abc/name.png', '/_matrix/client/v1/media/thumbnail/example.org/abc', '/_matrix/client/v1/media/preview_url',
];
const FEDERATION = ['/_matrix/federation/v1/media/download/abc', '/_matrix/federation/v1/media/thumbnail/abc', '/_matrix/media/v3/download/example.org/abc'];
const ADMIN = [
  '/_synapse/admin/v1/media/example.org/abc', '/_synapse/admin/v1/media/quarantine/example.org/abc', '/_synapse/admin/v1/media/delete', '/_synapse/admin/v1/purge_media_cache',
  '/_synapse/admin/v1/quarantine_media/!room:example.org', '/_synapse/admin/v1/room/!room:example.org/media', '/_synapse/admin/v1/room/!room:example.org/media/quarantine',
  '/_synapse/admin/v1/user/@u:example.org/media/quarantine', '/_synapse/admin/v1/users/@u:example.org/media', '/_synapse/admin/v1/statistics/users/media', '/_medley/v1/media',
];
/** What stays with the homeserver. */
const SYNAPSE = [
  '/', '/_matrix/client/v3/sync', '/_matrix/client/v1/rooms/x/hierarchy', '/_matrix/client/versions', '/_matrix/key/v2/server', '/_matrix/federation/v1/version', '/_matrix/federation/v1/send/1',
  '/_matrix/federation/v2/send_join/a/b', '/_matrix/mediate', '/_matrix/client/v1/mediator', '/_matrix/app/v1/ping', '/_synapse/admin/v1/rooms', '/_synapse/admin/v1/users/@u:example.org/admin',
  '/_synapse/admin/v2/users/@u:example.org', '/_synapse/admin/v1/room/!room:example.org/media/other', '/_synapse/admin/v1/statistics/users', '/_synapse/client/oidc/callback', '/metrics', '/healthz', '/readyz',
];

/** Tells whether a path is sent to the gateway, at a host. */
type IsRouted = (host: string, path: string) => boolean;

function isBelow(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

function readIngress(objects: readonly KubeObject[]): IsRouted {
  const rules = ofKind(objects, 'Ingress').flatMap((ingress) => listAt(ingress, 'spec', 'rules'));
  return (host, path) => rules.some((rule) => textAt(rule, 'host') === host && listAt(rule, 'http', 'paths').some((one) => isBelow(textAt(one, 'path'), path)));
}

function readRoutes(objects: readonly KubeObject[]): IsRouted {
  return (host, path) => ofKind(objects, 'HTTPRoute').some((route) => listAt(route, 'spec', 'hostnames').includes(host)
    && listAt(route, 'spec', 'rules').flatMap((rule) => listAt(rule, 'matches')).some((match) => {
      const value = textAt(match, 'path', 'value');
      return textAt(match, 'path', 'type') === 'PathPrefix' ? isBelow(value, path) : new RegExp(`^(?:${value})$`).test(path);
    }));
}

function routed(isRouted: IsRouted, host: string): readonly string[] {
  return [...new Set([...CLIENT, ...FEDERATION, ...ADMIN, ...SYNAPSE])].filter((path) => isRouted(host, path)).toSorted();
}

describe('the paths that the homeserver gives up', () => {
  test('are those of clients and servers, each at its hosts, by an Ingress', async () => {
    const isRouted = readIngress(parseObjects(await readGolden('two-homeservers')));
    assert.deepEqual(routed(isRouted, 'matrix.one.example'), [...new Set([...CLIENT, '/_matrix/media/v3/download/example.org/abc'])].toSorted());
    assert.deepEqual(routed(isRouted, 'two.example'), routed(isRouted, 'one.example'));
    assert.deepEqual(routed(isRouted, 'matrix.two.example'), [...new Set([...CLIENT, ...FEDERATION])].toSorted());
    assert.deepEqual(routed(isRouted, 'elsewhere.example'), []);
    for (const path of FEDERATION) assert.ok(isRouted('one.example', path), path);
  });
});

await describeRealService('the paths that the homeserver gives up to a Gateway', acquirePrograms, ({ helm3 }) => {
  test('are those of clients, servers and admins, each at its hosts', async () => {
    const isRouted = readRoutes(parseObjects(await renderText(helm3, ['--values', valuesOf('httproute')])));
    assert.deepEqual(routed(isRouted, 'admin.example.org'), ADMIN.toSorted());
    for (const path of CLIENT) assert.ok(isRouted('matrix.example.org', path), path);
    for (const path of FEDERATION) assert.ok(isRouted('example.org', path), path);
    for (const path of SYNAPSE) for (const host of ['matrix.example.org', 'example.org', 'admin.example.org']) assert.ok(!isRouted(host, path), `${host}${path}`);
  });
});
