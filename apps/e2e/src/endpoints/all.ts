import { afterEach } from 'node:test';
import type { System } from '../harness/system.ts';
import { describeSynapseAdmin } from './admin/all.ts';
import { describeAppservice } from './appservice.ts';
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
import { describeMediaInfo } from './media-info.ts';
import { describeMedleyApi } from './medley/all.ts';
import { describeThumbnailFormats } from './thumbnail-formats.ts';
import { describeThumbnailRefusals } from './thumbnail-refusals.ts';
import { describeThumbnail } from './thumbnail.ts';
import { describeUnknownPaths } from './unknown-paths.ts';
import { describeUrlPreviewFailures } from './url-preview-failures.ts';
import { describeUrlPreview } from './url-preview.ts';
import { describeUploadToMediaId } from './upload-to-media-id.ts';
import { describeUpload } from './upload.ts';
import { describeUploadsInMemory } from './uploads-in-memory.ts';

/** The suites of what users and strangers call, against a Medley that runs with `ENDPOINT_CONFIG`. */
export function describeEndpoints(system: System): void {
  tellWhatWentWrong(system);
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
  describeThumbnailFormats(system);
  describeThumbnailRefusals(system);
  describeMediaInfo(system);
  describeUrlPreview(system);
  describeUrlPreviewFailures(system);
  describeConfig(system);
  describeUnknownPaths(system);
  describeCors(system);
  describeAuth(system);
  describeAuthHomeserver(system);
  describeLogs(system);
}

/** The suites of what admins and our homeserver call, against one of its own: they delete whatever fits. */
export function describeAdminEndpoints(system: System): void {
  tellWhatWentWrong(system);
  describeSynapseAdmin(system);
  describeMedleyApi(system);
  describeAppservice(system);
}

/** Shows with each failing test what the services complained of meanwhile. */
function tellWhatWentWrong({ program }: System): void {
  let seen = program.logs.length;
  afterEach((test) => {
    const complaints = program.logs.slice(seen).filter((line) => line['level'] !== 'info');
    seen = program.logs.length;
    if ('passed' in test && !test.passed) process.stderr.write(complaints.map((line) => `${JSON.stringify(line)}\n`).join(''));
  });
}
