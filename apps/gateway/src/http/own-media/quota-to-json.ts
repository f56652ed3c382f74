import type { Gateway } from '../../gateway.ts';
import type { QuotaPolicy } from '../../policy/policy.ts';

/** What a user has, and each limit with what counts towards it: `QuotaUsage` of the OpenAPI document. */
export async function readQuotaUsage({ quotas }: Gateway, userId: string, quota: QuotaPolicy, signal: AbortSignal): Promise<object> {
  const uses = await quotas.use(userId, [...new Set([0, ...quota.limits.map(({ windowMs }) => windowMs)])], signal);
  const useOf = (window: number): { readonly bytes: number; readonly files: number } => (
    uses.find(({ windowMs }) => windowMs === window) ?? { bytes: 0, files: 0 }
  );
  return {
    media_count: useOf(0).files,
    media_bytes: useOf(0).bytes,
    limits: quota.limits.map(({ windowMs, maxBytes, maxFiles }) => ({
      window_ms: windowMs === 0 ? null : windowMs,
      max_bytes: maxBytes ?? null,
      max_files: maxFiles ?? null,
      bytes: useOf(windowMs).bytes,
      files: useOf(windowMs).files,
    })),
    info_uri: quota.infoUri ?? null,
    can_upgrade: quota.canUpgrade,
  };
}
