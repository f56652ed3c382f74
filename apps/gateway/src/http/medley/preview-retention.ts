import { applyRetention } from '@medley/maintenance/retention/apply-retention';
import type { BudgetReport, Removed } from '@medley/maintenance/retention/report';
import { TimeLimit } from '@medley/streams/abort';
import type { Gateway } from '../../gateway.ts';
import { isVisibleTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answer } from './answer.ts';

/** Short of what proxies and clients usually wait for an answer. */
const BUDGET_MS = 25_000;

/**
 * `GET /_medley/v1/retention/preview`: what the rules and budgets would remove now, of the media that this tenant's admins may
 * know of. Those of other tenants are not shown.
 */
export async function previewRetention(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { signal, tenant } = exchange;
  const { services: { metadata }, config: { retention, homeservers } } = gateway;
  using limit = new TimeLimit(BUDGET_MS);
  const { rules, budgets, isComplete } = await applyRetention({
    metadata, retention, homeservers, signal, until: limit.signal, dryRun: true, onProgress: () => {},
    isTold: ({ key }) => isVisibleTo(gateway, tenant, key),
  });
  const isShown = ({ tenant: whose }: Pick<BudgetReport, 'tenant'>): boolean => whose === undefined || whose === tenant.serverName || tenant.seesAll === true;
  answer(exchange, {
    rules: rules.filter(isShown).map((rule) => ({ name: rule.name, kind: rule.kind, tenant: rule.tenant, ...removedToJson(rule) })),
    budgets: budgets.filter(isShown).map((budget) => ({ kind: budget.kind, tenant: budget.tenant, max_bytes: budget.maxBytes, ...removedToJson(budget) })),
    incomplete: !isComplete,
  });
}

function removedToJson({ mediaCount, mediaBytes }: Removed): object {
  return { media_count: mediaCount, media_bytes: mediaBytes };
}
