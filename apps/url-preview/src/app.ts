import { COMMON_STORE } from '@medley/domain/store-name';
import { connectService } from '@medley/grpc/client';
import { serveGrpc } from '@medley/grpc/server';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { UrlPreviewServiceDefinition } from '@medley/proto/url-preview';
import { Dependency } from '@medley/runtime/dependency';
import { listMissing } from '@medley/runtime/list-missing';
import type { ServiceContext } from '@medley/runtime/run-service';
import type { RunningService } from '@medley/runtime/running-service';
import { SafeFetch } from '@medley/safe-fetch/safe-fetch';
import { Turns } from '@medley/streams/turns';
import { StorageImages } from './adapters/storage-service/storage-images.ts';
import { readUrlPreviewConfig } from './config.ts';
import { countFetches, previewMetrics } from './metrics.ts';
import { ParserPool } from './page/parser-pool.ts';
import { Previewer } from './previewer.ts';
import { explainUrl } from './rpc/explain-url.ts';
import type { PreviewService } from './rpc/preview-service.ts';
import { previewUrl } from './rpc/preview-url.ts';
import { toFetchPolicy } from './url-policy.ts';

/** One may be stuck on a hostile page while the other works on. */
const PARSER_THREADS = 2;

const READINESS_TIMEOUT_MS = 2000;

/** Starts the url-preview service. */
export async function startUrlPreview({ config: whole, log, meter }: ServiceContext): Promise<RunningService> {
  const { grpc, previews: config, maxImagePixels } = readUrlPreviewConfig(whole);
  const { listen, token, tls } = grpc;
  await using opened = new AsyncDisposableStack();
  const fetch = opened.use(new SafeFetch({ ...toFetchPolicy(config), onFetched: countFetches(meter) }));
  const parsers = opened.use(new ParserPool(PARSER_THREADS));
  const storage = connectService(StorageServiceDefinition, { address: grpc.storage, token, tls, meter });
  opened.defer(() => storage.close());
  const turns = new Turns(config.max_concurrent, config.max_queued, 'Too many URL previews are being made');
  const service: PreviewService = {
    previewer: new Previewer({ config, fetch, parsers, maxImagePixels }),
    turns,
    images: new StorageImages(storage.rpc),
    measure: previewMetrics(meter, turns),
  };
  const implementation = { previewUrl: previewUrl(service), explainUrl: explainUrl(service) };
  const server = await serveGrpc({ service: UrlPreviewServiceDefinition, implementation, listen, token, tls, log, meter });
  const blobStore = new Dependency('storage');
  const askStorage = (): Promise<unknown> => storage.rpc.locateUpload({ maxBytes: 1, store: COMMON_STORE }, { timeoutMs: READINESS_TIMEOUT_MS });
  const rest = opened.move();
  return {
    name: 'url-preview',
    addresses: { grpc: server.address },
    readiness: () => listMissing([{ dependency: blobStore, ask: askStorage }]),
    dependencies: [blobStore],
    async stop(graceMs) {
      await server.stop(graceMs);
      await rest.disposeAsync();
    },
  };
}
