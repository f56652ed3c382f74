import { MediaError } from '@medley/domain/media-error';
import { serveGrpc } from '@medley/grpc/server';
import { ContentScannerServiceDefinition } from '@medley/proto/content-scanner';
import type { ServiceContext } from '@medley/runtime/run-service';
import type { RunningService } from '@medley/runtime/running-service';
import { Clamd } from './clamd/clamd.ts';
import { describe } from './rpc/describe.ts';
import { scan } from './rpc/scan.ts';

const READINESS_TIMEOUT_MS = 2000;

/** Starts a content scanner that asks clamd. Who calls it shows what `content_scanner` says. */
export async function startClamavScanner({ config, log, meter }: ServiceContext): Promise<RunningService> {
  const clamd = new Clamd(config.clamav);
  const { token, tls } = config.content_scanner ?? {};
  const server = await serveGrpc({
    service: ContentScannerServiceDefinition, implementation: { scan: scan(clamd), describe: describe(clamd) }, listen: config.grpc.listen, token, tls, log, meter,
  });
  return {
    name: 'clamav-scanner',
    addresses: { grpc: server.address, clamd: config.clamav.address },
    readiness: () => readiness(clamd),
    stop: (graceMs) => server.stop(graceMs),
  };
}

async function readiness(clamd: Clamd): Promise<readonly string[]> {
  try {
    await clamd.version(AbortSignal.timeout(READINESS_TIMEOUT_MS));
    return [];
  } catch (error) {
    return [`clamd: ${error instanceof MediaError ? error.message : 'no answer'}`];
  }
}
