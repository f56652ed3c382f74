import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Finding } from './finding.ts';
import { EMPTY_SCRUB_REPORT, MAX_FINDINGS, withFinding } from './scrub-report.ts';

const DANGLING: Finding = { kind: 'dangling', digest: 'd', mediaCount: 2, repaired: false };

it('a report counts every finding, and lists the first of them', () => {
  let report = EMPTY_SCRUB_REPORT;
  for (let count = 0; count < MAX_FINDINGS + 5; count += 1) report = withFinding(report, DANGLING);
  assert.deepEqual([report.counts.dangling, report.findings.length, report.unrepairedDamage], [MAX_FINDINGS + 5, MAX_FINDINGS, MAX_FINDINGS + 5]);
});

it('what is repaired, and what harms nobody, is no damage left', () => {
  const repaired = withFinding(EMPTY_SCRUB_REPORT, { ...DANGLING, repaired: true });
  const harmless = withFinding(repaired, { ...DANGLING, kind: 'derived-without-source', derivation: 'x' });
  assert.deepEqual([harmless.repaired, harmless.unrepairedDamage], [1, 0]);
});
