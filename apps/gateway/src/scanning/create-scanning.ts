import type { Meter } from '@medley/telemetry/metrics';
import type { Gateway } from '../gateway.ts';
import { Backlog } from './backlog.ts';
import { readBlob } from './read-blob.ts';
import { ContentScanning, NO_SCANNING, type Scanning } from './scanning.ts';

/** The scanning that is configured; what was left to be examined is taken up from now on. `gateway` gives the whole one, once it is there. */
export function createScanning({ config, services, log }: Pick<Gateway, 'config' | 'services' | 'log'>, meter: Meter, gateway: () => Gateway): Scanning {
  if (config.contentScanner === undefined) return NO_SCANNING;
  const { timeout, max_concurrent } = config.contentScanner;
  const { metadata, storage } = services;
  const scanning = new ContentScanning(config.contentScanner, { metadata, read: (blob, signal) => readBlob(gateway(), blob, signal), log, meter });
  const backlog = new Backlog({ scanning, metadata, storage, stores: config.stores, log, takenUpAfterMs: timeout, atOnce: Math.max(1, Math.floor(max_concurrent / 2)) });
  scanning.owns(backlog);
  meter
    .createObservableGauge('medley.gateway.content_scanner.answers', { description: 'Whether the content scanner answers (1) or not (0), as far as is known' })
    .addCallback((gauge) => gauge.observe(scanning.scanner.isWell ? 1 : 0));
  return scanning;
}
