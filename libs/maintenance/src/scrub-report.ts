import { isDamage, type Finding, type FindingKind } from './finding.ts';

/** The report of a scrub keeps no more, so that its memory has a bound; the counts go on. */
export const MAX_FINDINGS = 1000;

/** How many of them a log tells; more are in the metrics, and `medley scrub` lists them. */
export const MAX_TOLD = 20;

/** Of all stores together. */
export interface ScrubReport {
  /** Digests that records or blobs name, in each store anew. */
  readonly checked: number;
  readonly verified: number;
  readonly verifiedBytes: number;
  readonly counts: Readonly<Record<FindingKind, number>>;
  /** Bytes that no record names, put longer ago than the grace: the sweep removes them. */
  readonly orphans: number;
  readonly orphanBytes: number;
  /** Digests whose bytes are gone or damaged and that are marked as lost already: their media is answered as not found. */
  readonly knownLost: number;
  /** Originals that could not be read now, so that nothing is known of them. */
  readonly unreadable: number;
  readonly repaired: number;
  /** Findings that harm media and about which nothing was done. */
  readonly unrepairedDamage: number;
  /** The first 1000. */
  readonly findings: readonly Finding[];
}

export const EMPTY_SCRUB_REPORT: ScrubReport = {
  checked: 0,
  verified: 0,
  verifiedBytes: 0,
  counts: { 'dangling': 0, 'wrong-size': 0, 'corrupt': 0, 'wrongly-lost': 0, 'derived-without-source': 0 },
  orphans: 0,
  orphanBytes: 0,
  knownLost: 0,
  unreadable: 0,
  repaired: 0,
  unrepairedDamage: 0,
  findings: [],
};

/** The report with one more finding. */
export function withFinding(report: ScrubReport, finding: Finding): ScrubReport {
  const { kind, repaired } = finding;
  return {
    ...report,
    counts: { ...report.counts, [kind]: report.counts[kind] + 1 },
    repaired: report.repaired + Number(repaired),
    unrepairedDamage: report.unrepairedDamage + Number(isDamage(finding) && !repaired),
    findings: report.findings.length < MAX_FINDINGS ? [...report.findings, finding] : report.findings,
  };
}
