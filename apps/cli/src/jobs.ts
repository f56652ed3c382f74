import { expire } from '@medley/maintenance/expire';
import { sweep, type SweepOptions, type SweepReport } from '@medley/maintenance/sweep';
import { measureUsage, type StoreUsageReport, type UsageGrouping, type UsageGroupReport, type UsageReport } from '@medley/maintenance/usage';
import type { CliJob } from './cli-job.ts';
import { EXIT } from './exit-codes.ts';
import { toCountText, toSizeText } from './quantities.ts';

/** `medley expire` */
export const EXPIRE: CliJob = {
  name: 'expire',
  async run(context) {
    const report = await expire(context);
    const removed = context.dryRun ? 'would remove' : 'removed';
    const lines = [
      `${removed} ${toCountText(report.expired, 'lapsed media id')}`,
      `${removed} ${toCountText(report.previews, 'URL preview')} and ${toCountText(report.previewImages, 'image')} of such`,
      `${removed} ${report.purged} deleted media from the trash`,
    ];
    return { report, lines, exitCode: EXIT.ok };
  },
};

/** `medley sweep` */
export function sweepJob(options: SweepOptions): CliJob {
  return {
    name: 'sweep',
    async run(context) {
      const report = await sweep(context, options);
      const lines = describeSweep(report, context.dryRun);
      return { report, lines, exitCode: report.failed > 0 ? EXIT.failed : EXIT.ok };
    },
  };
}

function describeSweep(report: SweepReport, isDry: boolean): string[] {
  const removed = isDry ? 'would remove' : 'removed';
  return [
    `${removed} ${toCountText(report.removed, 'condemned blob')}; spared ${report.spared}, which records have come to name`,
    ...(report.derivedRemoved > 0 ? [`${removed} ${toCountText(report.derivedRemoved, 'derived blob')} past their lifetime`] : []),
    `${removed} ${toCountText(report.stagingRemoved, 'remainder')} of unfinished uploads`,
    ...(isDry ? [] : [`freed ${toSizeText(report.freedBytes)}`]),
    `${toCountText(report.condemned, 'blob')} that no record names ${isDry ? 'would wait' : 'now wait'} to be removed`,
    ...(report.failed > 0 ? [`could not remove ${toCountText(report.failed, 'blob')}; a later sweep will`] : []),
  ];
}

export interface StatsFlags {
  readonly by?: UsageGrouping;
  readonly limit: number;
}

/** `medley stats` */
export function statsJob({ by, limit }: StatsFlags): CliJob {
  return {
    name: 'stats',
    async run(context) {
      const report = await measureUsage(context, by && { by, limit });
      return { report, lines: [...describeUsage(report), ...report.groups.map(describeGroup)], exitCode: EXIT.ok };
    },
  };
}

function describeGroup({ name, media, mediaBytes }: UsageGroupReport): string {
  return `  ${name === '' ? 'nobody here' : name}  ${media}, ${toSizeText(mediaBytes)}`;
}

function describeStore({ name, originals, originalBytes, derived, derivedBytes }: StoreUsageReport): string {
  return `  ${name === '' ? 'the common store' : name}  ${toCountText(originals, 'original')}, ${toSizeText(originalBytes)}; ${derived} derived, ${toSizeText(derivedBytes)}`;
}

function describeUsage(usage: UsageReport): string[] {
  return [
    `media      ${usage.media}, ${toSizeText(usage.mediaBytes)}`,
    `originals  ${usage.originals}, ${toSizeText(usage.originalBytes)}; ${toSizeText(usage.savedBytes)} saved by storing equal bytes once`,
    `derived    ${usage.derived}, ${toSizeText(usage.derivedBytes)}`,
    `reserved   ${usage.pending} wait for their bytes, ${usage.lapsed} have lapsed`,
    `condemned  ${toCountText(usage.condemned, 'blob')} waiting to be removed`,
    `staging    ${usage.staging}, ${toSizeText(usage.stagingBytes)}, uploads under way included`,
    ...usage.stores.map(describeStore),
  ];
}
