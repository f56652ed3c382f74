import type { Services } from './services.ts';

/** A slow database is no reason to send everybody away; `/readyz` itself answers sooner, with what it knew last. */
const TIMEOUT_MS = 5000;

/** Names the services without which nothing can be downloaded. Thumbnails failing leave the rest working. */
export async function checkReadiness(services: Services, origin: string): Promise<readonly string[]> {
  const checks = {
    metadata: services.metadata.batchGetMedia({ keys: [{ origin, mediaId: 'readiness' }] }, { timeoutMs: TIMEOUT_MS }),
    storage: services.storage.locateUpload({ maxBytes: 1 }, { timeoutMs: TIMEOUT_MS }),
  };
  const results = Object.entries(checks).map(([name, check]) => check.then(() => [], () => [name]));
  return (await Promise.all(results)).flat();
}
