/** What an acquiring function answers when the service cannot be had here, with the reason in words. */
export interface Unavailable {
  readonly unavailable: string;
}

/** Tells whether `value` is the answer that a service cannot be had. */
export function isUnavailable(value: object): value is Unavailable {
  return 'unavailable' in value;
}
