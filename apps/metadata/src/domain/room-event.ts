/** An event as a homeserver sees it, as far as the room index reads it. */
export interface RoomEvent {
  readonly roomId: string;
  readonly eventId: string;
  readonly type: string;
  /** Present on state events. */
  readonly stateKey: string | undefined;
  readonly sender: string;
  /** Its `origin_server_ts`: Unix milliseconds, as its sender's server says. */
  readonly at: number;
  readonly content: Readonly<Record<string, unknown>>;
  /** The event that this one redacts. */
  readonly redacts: string | undefined;
}
