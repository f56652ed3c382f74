import { z } from 'zod';
import { limitsUsers, quotaRules, type QuotasConfig, type QuotaSettings } from './quotas.ts';
import { uploadRules } from './uploads.ts';

const names = z.array(z.string().min(1)).min(1).max(10_000);

const rateRule = z.strictObject({
  /** By which what may be asked for is multiplied. */
  factor: z.number().positive().max(10_000).optional(),
  /** Whether there are no limits at all; with `false` the usual ones. */
  exempt: z.boolean().optional(),
}).refine((one) => (one.factor === undefined) !== (one.exempt === undefined), 'needs factor or exempt, not both');

/** What a rule says; of all that is not said here the next rule decides. */
const policySet = z.strictObject({
  uploads: z.strictObject(uploadRules).partial().optional(),
  quotas: z.strictObject(quotaRules).partial().optional(),
  rate_limits: rateRule.optional(),
  /** Whether a content scanner looks at uploads, where there is one. */
  scan: z.boolean().optional(),
});

/** For whom a rule is: all that is said must hold; where nothing is said, for everybody. */
const policy = z.strictObject({
  /** By which admins recognise it. */
  name: z.string().min(1).max(100),
  /** User ids, in which `*` stands for anything. */
  users: names.optional(),
  /** Ids of application services whose tokens are used. */
  appservices: names.optional(),
  /** Server names of homeservers. */
  tenants: names.optional(),
  guests: z.boolean().optional(),
  /** Those whom the configuration, or their token, calls so. */
  admins: z.boolean().optional(),
  set: policySet,
});

/** Exceptions from the general limits, for some users: of each key the first rule that matches and says something decides. */
export const policies = z.array(policy).max(1000).default([]);

export type PolicyConfig = z.output<typeof policy>;
export type PolicySet = z.output<typeof policySet>;

interface Whole {
  readonly uploads: { readonly max_duration: number };
  readonly quotas: QuotasConfig;
  readonly content_scanner?: { readonly timeout: number } | undefined;
  readonly policies: readonly PolicyConfig[];
  readonly homeservers: readonly { readonly server_name: string; readonly appservices: readonly { readonly id: string }[] }[];
}

/**
 * Whoever is refused because of a quota must be told where to read about it (Matrix v1.18, “M_USER_LIMIT_EXCEEDED”); and a rule
 * for what does not exist is a mistake.
 */
export function checkPolicies({ uploads, quotas, content_scanner: scanner, policies: rules, homeservers }: Whole, context: z.RefinementCtx): void {
  const complain = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path, message });
  const needsUri = (limits: QuotaSettings): boolean => limitsUsers(limits) && (limits.info_uri ?? quotas.info_uri) === undefined;
  if (needsUri(quotas)) complain(['quotas', 'info_uri'], 'must say where users can read about their limits');
  // a scanner may let an upload wait for its turn as long as for its answer
  const longestMs = uploads.max_duration + 2 * (scanner?.timeout ?? 0);
  if ((quotas.reservation_lifetime ?? Infinity) <= longestMs) complain(['quotas', 'reservation_lifetime'], 'must be longer than uploads.max_duration, and twice content_scanner.timeout');
  const tenants = new Set(homeservers.map(({ server_name }) => server_name));
  const appservices = new Set(homeservers.flatMap((homeserver) => homeserver.appservices.map(({ id }) => id)));
  rules.forEach((rule, index) => {
    const isTwice = rules.findIndex(({ name }) => name === rule.name) < index;
    if (isTwice) complain(['policies', index, 'name'], 'is the name of a rule before');
    if (needsUri(rule.set.quotas ?? {})) complain(['policies', index, 'set', 'quotas', 'info_uri'], 'must be said here or in quotas, where users can read about their limits');
    for (const name of rule.tenants ?? []) if (!tenants.has(name)) complain(['policies', index, 'tenants'], `${name} is no homeserver here`);
    for (const id of rule.appservices ?? []) if (!appservices.has(id)) complain(['policies', index, 'appservices'], `${id} is not among the appservices of a homeserver`);
  });
}
