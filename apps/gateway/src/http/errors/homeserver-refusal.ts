/**
 * What our homeserver answered about a token, to be passed on as it is: clients act on `soft_logout`,
 * `M_USER_LOCKED` and whatever comes next.
 */
export class HomeserverRefusal extends Error {
  override readonly name = 'HomeserverRefusal';
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfter: string | undefined;

  constructor(status: number, body: Readonly<Record<string, unknown>>, retryAfter?: string) {
    super(`the homeserver answered ${status}`);
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}
