/** Who asks: a user of the tenant whose token was accepted. */
export interface Requester {
  readonly userId: string;
  readonly isGuest: boolean;
  /** What is known without asking anybody more; see `AdminCheck`. */
  readonly isAdmin: boolean;
  /** The device that the token belongs to, or that its appservice acts from; not everybody has one. */
  readonly deviceId?: string;
  /** The application service whose token it is, where its registration is configured. */
  readonly appservice?: RequestingAppservice;
}

export interface RequestingAppservice {
  readonly id: string;
  /** What its registration says (`rate_limited`); yes, if nothing. */
  readonly isRateLimited: boolean;
}
