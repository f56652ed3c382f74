/** Nothing waits: one sweep condemns, the next removes, and reserved media ids lapse soon. */
export const MAINTENANCE_CONFIG = {
  maintenance: { orphan_grace: '0s', removal_wait: '0s', removal_retry: '1m', pending_grace: '0s', staging_grace: '0s' },
  uploads: { unused_expires_after: '500ms' },
  // one user uploads as fast as it goes
  rate_limits: { enabled: false },
} as const;
