import type { ReleaseLeaseRequest, ReleaseLeaseResponse, TakeLeaseRequest, TakeLeaseResponse } from '@medley/proto/metadata/jobs';

/** Leases as metadata has them, in memory. */
export class FakeLeases {
  readonly held = new Map<string, { readonly holder: string; readonly until: number }>();

  takeLease = async ({ name, holder, ttlMs }: TakeLeaseRequest): Promise<TakeLeaseResponse> => {
    const held = this.held.get(name);
    if (held !== undefined && held.holder !== holder && held.until > performance.now()) return { granted: false, untilMs: 0 };
    this.held.set(name, { holder, until: performance.now() + ttlMs });
    return { granted: true, untilMs: 0 };
  };

  releaseLease = async ({ name, holder }: ReleaseLeaseRequest): Promise<ReleaseLeaseResponse> => {
    if (this.held.get(name)?.holder === holder) this.held.delete(name);
    return {};
  };
}
