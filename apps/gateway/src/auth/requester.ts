/** Who asks: a user of the tenant whose token was accepted. */
export interface Requester {
  readonly userId: string;
  readonly isGuest: boolean;
  readonly isAdmin: boolean;
}
