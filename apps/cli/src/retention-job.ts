import { retain } from '@medley/maintenance/retention/retain';
import type { BudgetReport, Removed, RetentionReport } from '@medley/maintenance/retention/report';
import type { CliJob } from './cli-job.ts';
import { EXIT } from './exit-codes.ts';
import { toSizeText } from './quantities.ts';

/** `medley retention` */
export const RETENTION: CliJob = {
  name: 'retention',
  async run(context, { retention, homeservers }) {
    const report = await retain({ ...context, retention, homeservers });
    if (report === undefined) return { report: { isBusy: true }, lines: ['another process does this now'], exitCode: EXIT.failed };
    return { report, lines: describeRetention(report, context.dryRun), exitCode: EXIT.ok };
  },
};

function describeRetention({ rules, budgets }: RetentionReport, isDry: boolean): string[] {
  const removed = ({ mediaCount, mediaBytes }: Removed): string => `${isDry ? 'would remove' : 'removed'} ${mediaCount} media, ${toSizeText(mediaBytes)}`;
  const lines = [
    ...rules.map((rule) => `${rule.name}: ${removed(rule)}`),
    ...budgets.map((budget) => `${budget.kind} media${budget.tenant === undefined ? '' : ` of ${budget.tenant}`}, at most ${toSizeText(budget.maxBytes)}: ${removed(budget)}${describeExcess(budget)}`),
  ];
  return lines.length > 0 ? lines : ['there are no rules and no budgets'];
}

function describeExcess({ excessBytes }: BudgetReport): string {
  return excessBytes > 0 ? `; ${toSizeText(excessBytes)} too much, which may not be removed` : '';
}
