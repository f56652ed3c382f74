import type { System } from '../harness/system.ts';
import { describeAuthHomeserver } from './auth-homeserver.ts';
import { describeAuth } from './auth.ts';
import { describeBrokenBodies } from './broken-bodies.ts';
import { describeConfig } from './config.ts';
import { describeCors } from './cors.ts';
import { describeCreate } from './create.ts';
import { describeDownloadFileName } from './download-file-name.ts';
import { describeDownloadPending } from './download-pending.ts';
import { describeDownloadRanges } from './download-ranges.ts';
import { describeDownload } from './download.ts';
import { describeLegacy } from './legacy.ts';
import { describeLogs } from './logs.ts';
import { describeThumbnailRefusals } from './thumbnail-refusals.ts';
import { describeThumbnail } from './thumbnail.ts';
import { describeUnknownPaths } from './unknown-paths.ts';
import { describeUploadToMediaId } from './upload-to-media-id.ts';
import { describeUpload } from './upload.ts';
import { describeUploadsInMemory } from './uploads-in-memory.ts';

/** Every endpoint's suite, against a Medley that runs with `ENDPOINT_CONFIG`. */
export function describeEndpoints(system: System): void {
  describeUpload(system);
  describeBrokenBodies(system);
  describeUploadsInMemory(system);
  describeCreate(system);
  describeUploadToMediaId(system);
  describeDownload(system);
  describeDownloadRanges(system);
  describeDownloadFileName(system);
  describeDownloadPending(system);
  describeLegacy(system);
  describeThumbnail(system);
  describeThumbnailRefusals(system);
  describeConfig(system);
  describeUnknownPaths(system);
  describeCors(system);
  describeAuth(system);
  describeAuthHomeserver(system);
  describeLogs(system);
}
