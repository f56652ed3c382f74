import { callLimits } from './call-limits.ts';
import { BATCH, type JobContext } from './job.ts';

export interface ExpireReport {
  /** Reserved media ids that were removed; in a dry run those that would be, of which at most 1000 are counted. */
  readonly expired: number;
  /** The same of URL previews. */
  readonly previews: number;
  /** The same of media that are images of URL previews. */
  readonly previewImages: number;
  /** The same of deleted media that was in the trash. */
  readonly purged: number;
}

/**
 * Removes reserved media ids that lapsed more than `pending_grace` ago, URL previews and their images whose time is over,
 * and deleted media that has been in the trash for as long as it may.
 */
export async function expire(context: JobContext): Promise<ExpireReport> {
  return { expired: await expirePending(context), ...(await expirePreviews(context)), purged: await emptyTrash(context) };
}

async function expirePending(context: JobContext): Promise<number> {
  const { metadata, settings, dryRun, onProgress } = context;
  const lapsedBeforeMs = Date.now() - settings.pending_grace;
  let expired = 0;
  for (;;) {
    const { expiredCount } = await metadata.expirePending({ lapsedBeforeMs, limit: BATCH, dryRun }, callLimits.batch(context));
    expired += expiredCount;
    onProgress({ step: 'expire', count: expired });
    if (dryRun || expiredCount === 0) return expired;
  }
}

async function expirePreviews(context: JobContext): Promise<Pick<ExpireReport, 'previews' | 'previewImages'>> {
  const { metadata, dryRun, onProgress } = context;
  const expiredBeforeMs = Date.now();
  let previews = 0;
  let previewImages = 0;
  for (;;) {
    const { previewCount, imageCount } = await metadata.expireUrlPreviews({ expiredBeforeMs, limit: BATCH, dryRun }, callLimits.batch(context));
    previews += previewCount;
    previewImages += imageCount;
    onProgress({ step: 'expire', count: previews + previewImages });
    if (dryRun || previewCount + imageCount === 0) return { previews, previewImages };
  }
}

async function emptyTrash(context: JobContext): Promise<number> {
  const { metadata, dryRun, onProgress } = context;
  let purged = 0;
  for (;;) {
    const { purgedCount } = await metadata.expireTrash({ limit: BATCH, dryRun }, callLimits.batch(context));
    purged += purgedCount;
    onProgress({ step: 'trash', count: purged });
    if (dryRun || purgedCount === 0) return purged;
  }
}
