import { ByteLane } from '@medley/byte-lane/byte-lane';
import { COMMON_STORE } from '@medley/domain/store-name';
import { connectService } from '@medley/grpc/client';
import { openPeerIdentity } from '@medley/grpc/peer-identity';
import { serveGrpc } from '@medley/grpc/server';
import { FederationFetchServiceDefinition } from '@medley/proto/federation-fetch';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { Dependency } from '@medley/runtime/dependency';
import { listMissing } from '@medley/runtime/list-missing';
import type { ServiceContext } from '@medley/runtime/run-service';
import type { RunningService } from '@medley/runtime/running-service';
import { SafeFetch } from '@medley/safe-fetch/safe-fetch';
import { Backoff } from './backoff.ts';
import { readFederationFetchConfig, toFetchPolicy, toTurnLimits } from './config.ts';
import { Discovery } from './discovery/discovery.ts';
import { ServerKeys } from './keys/server-keys.ts';
import { BlobSender } from './media/blob-sender.ts';
import { Flights } from './media/flights.ts';
import { Remote } from './media/remote.ts';
import { SpoolSpace } from './media/spool-space.ts';
import { Turns } from './media/turns.ts';
import { countFetches, fetchMetrics, observeFetches } from './metrics.ts';
import { diagnoseServer } from './rpc/diagnose-server.ts';
import { fetchMedia } from './rpc/fetch-media.ts';
import { getServerKeys } from './rpc/get-server-keys.ts';
import { requestSigner } from './signing/sign-request.ts';

const READINESS_TIMEOUT_MS = 2000;

/** Starts the federation-fetch service. */
export async function startFederationFetch({ config: whole, log, meter }: ServiceContext): Promise<RunningService> {
  const { grpc, federation: config, homeservers } = readFederationFetchConfig(whole);
  const { listen, token, tls } = grpc;
  const sign = requestSigner(homeservers);
  const ownNames = homeservers.map(({ server_name: name }) => name);
  await using opened = new AsyncDisposableStack();
  const fetch = opened.use(new SafeFetch({ ...toFetchPolicy(config), onFetched: countFetches(meter) }));
  const discovery = new Discovery({ fetch, rules: config, ownNames });
  const storage = connectService(StorageServiceDefinition, { address: grpc.storage, token, tls, meter });
  opened.defer(() => storage.close());
  const lane = opened.use(new ByteLane(config.max_concurrent, openPeerIdentity(grpc.storage, tls)));
  const parts = { space: new SpoolSpace(config.spool_bytes), turns: new Turns(toTurnLimits(config)), backoff: new Backoff(config.backoff) };
  const remote = new Remote({ fetch, discovery, sign, config });
  const blobs = new BlobSender(storage.rpc, lane);
  const flights = opened.use(new Flights({ ...parts, ...fetchMetrics(meter), remote, blobs, config, log }));
  observeFetches(meter, { ...parts, flights });
  const serverKeys = new ServerKeys({ fetch, discovery, notaries: config.notaries });
  const implementation = {
    fetchMedia: fetchMedia(flights),
    getServerKeys: getServerKeys({ serverKeys }),
    diagnoseServer: diagnoseServer({ fetch, federation: config, ownNames, sign }),
  };
  const server = await serveGrpc({ service: FederationFetchServiceDefinition, implementation, listen, token, tls, log, meter });
  const blobStore = new Dependency('storage');
  const askStorage = (): Promise<unknown> => storage.rpc.locateUpload({ maxBytes: 1, store: COMMON_STORE }, { timeoutMs: READINESS_TIMEOUT_MS });
  const rest = opened.move();
  return {
    name: 'federation-fetch',
    addresses: { grpc: server.address },
    readiness: () => listMissing([{ dependency: blobStore, ask: askStorage }]),
    dependencies: [blobStore],
    async stop(graceMs) {
      await server.stop(graceMs);
      await rest.disposeAsync();
    },
  };
}
