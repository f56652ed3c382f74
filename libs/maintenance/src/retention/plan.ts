import type { OwnRetention, RetentionConfig, RetentionRule } from '@medley/config/retention';

/** What the configuration says of retention: for all, and for single tenants. */
export interface RetentionTerms {
  readonly retention: RetentionConfig;
  readonly homeservers: readonly { readonly server_name: string; readonly retention: OwnRetention }[];
}

/** A rule, and for which tenant alone it is, if for one. The name of such a rule begins with the tenant's. */
export interface PlannedRule {
  readonly rule: RetentionRule;
  readonly tenant?: string;
}

/** The most that media of a kind may take; of a tenant only its own counts. */
export interface Budget {
  readonly kind: 'remote' | 'local';
  /** More than 0. */
  readonly maxBytes: number;
  readonly tenant?: string;
}

/** All rules, in the order in which they are applied: those for all first. */
export function planRules({ retention, homeservers }: RetentionTerms): readonly PlannedRule[] {
  const own = homeservers.flatMap(({ server_name: tenant, retention: { rules } }) => rules.map((rule) => ({ tenant, rule: { ...rule, name: `${tenant}: ${rule.name}`, origin: tenant } })));
  return [...retention.rules.map((rule) => ({ rule })), ...own];
}

/** All budgets that have a limit, in the order in which they are kept. What a tenant has too much of goes before the uploads of others. */
export function planBudgets({ retention, homeservers }: RetentionTerms): readonly Budget[] {
  const own = homeservers.map(({ server_name: tenant, retention: { max_local_bytes: maxBytes } }) => ({ kind: 'local', maxBytes, tenant }) as const);
  const all: readonly Budget[] = [{ kind: 'remote', maxBytes: retention.max_remote_bytes }, ...own, { kind: 'local', maxBytes: retention.max_local_bytes }];
  return all.filter(({ maxBytes }) => maxBytes > 0);
}

/** The name of a budget, as metrics and people are told it. */
export function nameBudget({ kind, tenant }: Pick<Budget, 'kind' | 'tenant'>): string {
  return tenant === undefined ? `${kind} budget` : `${tenant}: ${kind} budget`;
}
