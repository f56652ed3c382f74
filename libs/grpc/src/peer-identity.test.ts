import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TRUSTED } from './certificates.fixture.ts';
import { openPeerIdentity } from './peer-identity.ts';

it('expects the name that gRPC expects at an address', () => {
  const names = {
    'dns:///storage.media.svc.cluster.local:50051': 'storage.media.svc.cluster.local', 'dns://10.0.0.53/storage:50051': 'storage', 'dns:storage': 'storage',
    'storage:50051': 'storage', 'storage': 'storage', '127.0.0.1:50051': '127.0.0.1', '[fd00::3]:50051': 'fd00::3',
    'ipv4:10.0.0.1:50051,10.0.0.2:50051': '10.0.0.1', 'ipv6:[fd00::3]:50051,[fd00::4]:50051': 'fd00::3', 'unix:///run/storage.sock': 'localhost',
  };
  for (const [address, name] of Object.entries(names)) {
    using identity = openPeerIdentity(address, TRUSTED);
    assert.equal(identity?.serverName, name, address);
  }
});

it('is nothing without TLS', () => {
  assert.equal(openPeerIdentity('dns:///storage:50051', undefined), undefined);
});
