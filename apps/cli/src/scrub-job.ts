import { COMMON_STORE } from '@medley/domain/store-name';
import type { Finding } from '@medley/maintenance/finding';
import type { JobContext } from '@medley/maintenance/job';
import { scrub } from '@medley/maintenance/scrub';
import { EMPTY_SCRUB_REPORT, type ScrubReport } from '@medley/maintenance/scrub-report';
import { Checkpoint } from './checkpoint.ts';
import type { CliJob } from './cli-job.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { toCountText, toSizeText } from './quantities.ts';

/** The options of `medley scrub`. */
export interface ScrubFlags {
  readonly repair?: boolean;
  readonly after?: string;
  readonly resume?: string;
  readonly concurrency: number;
}

/** `medley scrub` */
export function scrubJob(flags: ScrubFlags): CliJob {
  return {
    name: 'scrub',
    async run(context) {
      const report = await runScrub(context, flags);
      return { report, lines: describeScrub(report), exitCode: toExitCode(report) };
    },
  };
}

async function runScrub(context: JobContext, { repair = false, after, resume, concurrency }: ScrubFlags): Promise<ScrubReport> {
  if (resume === undefined) {
    return scrub(context, { repair, concurrency, from: after === undefined ? undefined : { store: COMMON_STORE, after, report: EMPTY_SCRUB_REPORT } });
  }
  const checkpoint = new Checkpoint(resume);
  try {
    const report = await scrub(context, { repair, concurrency, from: await checkpoint.read(), onPosition: (position) => checkpoint.reach(position) });
    await checkpoint.remove();
    return report;
  } catch (error) {
    await checkpoint.save();
    throw error;
  }
}

function toExitCode({ unrepairedDamage, unreadable }: ScrubReport): ExitCode {
  if (unrepairedDamage > 0) return EXIT.damage;
  return unreadable > 0 ? EXIT.failed : EXIT.ok;
}

function describeScrub(report: ScrubReport): string[] {
  const { counts, findings } = report;
  const found = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return [
    ...findings.map(describeFinding),
    ...(found > findings.length ? [`and ${found - findings.length} more`] : []),
    `checked ${toCountText(report.checked, 'digest')}, read ${toCountText(report.verified, 'original')} (${toSizeText(report.verifiedBytes)})`,
    ...Object.entries(counts).filter(([, count]) => count > 0).map(([kind, count]) => `${kind}: ${count}`),
    `${toCountText(report.orphans, 'blob')} (${toSizeText(report.orphanBytes)}) that no record names, for the sweep`,
    ...(report.knownLost > 0 ? [`${toCountText(report.knownLost, 'digest')} known to be lost`] : []),
    ...(report.unreadable > 0 ? [`could not read ${toCountText(report.unreadable, 'blob')}; scrub again`] : []),
    toVerdict(report, found),
  ];
}

function toVerdict({ unrepairedDamage, repaired }: ScrubReport, found: number): string {
  if (found === 0) return 'nothing is wrong';
  if (unrepairedDamage > 0) return `repaired ${repaired} of ${found}; ${unrepairedDamage} harm media: look at them, then scrub with --repair`;
  return `repaired ${repaired} of ${found}`;
}

function describeFinding({ kind, store, digest, derivation, mediaCount, repaired }: Finding): string {
  const subject = derivation === undefined ? `${digest} (${toCountText(mediaCount, 'record')})` : `${digest}/${derivation}`;
  return `${kind}  ${subject}${store === undefined ? '' : `  in the store of ${store}`}${repaired ? '  repaired' : ''}`;
}
