import { setTimeout as sleep } from 'node:timers/promises';
import type { WebhookConfig } from '@medley/config/webhook';
import { withLease } from '@medley/maintenance/lease';
import { TimeLimit } from '@medley/streams/abort';
import type { Logger } from '@medley/telemetry/logger';
import { Bell } from '../jobs/bell.ts';
import type { Services } from '../services.ts';
import { isAct, send, toPost } from './webhook-post.ts';

export interface WebhookSenderOptions {
  readonly metadata: Pick<Services['metadata'], 'listChanges' | 'getPosition' | 'savePosition' | 'takeLease' | 'releaseLease'>;
  readonly log: Logger;
  /** How often it looks for changes that nobody told it of, and whether the gateway that sends is gone. */
  readonly pollMs?: number;
  readonly leaseMs?: number;
  readonly firstPauseMs?: number;
  readonly maxPauseMs?: number;
}

const DEFAULTS = { pollMs: 2000, leaseMs: 30_000, firstPauseMs: 1000, maxPauseMs: 300_000 };
/** Of changes in one post. */
const BATCH = 100;

/**
 * Tells one webhook of every moderation act, in the order of the log: whichever gateway holds the lease posts what comes after the
 * saved position, and saves a new one when that was taken. So what is posted and not yet saved when a gateway ends is posted again.
 */
export class WebhookSender {
  readonly name: string;
  /** Posts that were taken, and those that were not. */
  delivered = 0;
  failed = 0;
  /** Of the log, how many entries it has not been told of; unknown where another gateway sends. */
  behind: number | undefined;
  readonly #webhook: WebhookConfig;
  readonly #options: Required<WebhookSenderOptions>;
  readonly #bell = new Bell();
  readonly #stopping = new AbortController();
  readonly #cut = new AbortController();
  readonly #ended: Promise<void>;

  constructor(webhook: WebhookConfig, options: WebhookSenderOptions) {
    this.name = webhook.name;
    this.#webhook = webhook;
    this.#options = { ...DEFAULTS, ...options };
    this.#ended = this.#follow();
  }

  /** Says that there may be something to tell. */
  ring(): void {
    this.#bell.ring();
  }

  /** Lets a post under way end for at most `graceMs`, and leaves the rest to other gateways. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    using limit = new TimeLimit(graceMs);
    limit.signal.addEventListener('abort', () => this.#cut.abort());
    await this.#ended;
  }

  async #follow(): Promise<void> {
    const { metadata, log, pollMs, leaseMs } = this.#options;
    const terms = { name: `webhook/${this.name}`, holder: crypto.randomUUID(), ttlMs: leaseMs };
    while (!this.#stopping.signal.aborted) {
      await withLease(metadata, terms, (signal) => this.#tellAll(signal), this.#cut.signal)
        .catch((error: unknown) => log.info({ err: error, webhook: this.name }, 'a webhook is left to whoever can tell it'));
      this.behind = undefined;
      await this.#bell.wait(pollMs, this.#stopping.signal);
    }
  }

  /** Goes on for as long as this gateway has the lease. */
  async #tellAll(signal: AbortSignal): Promise<void> {
    const { log, pollMs, firstPauseMs, maxPauseMs } = this.#options;
    const ending = AbortSignal.any([signal, this.#stopping.signal]);
    let pauseMs = firstPauseMs;
    while (!ending.aborted) {
      try {
        const isAtEnd = await this.#tellNext(signal);
        pauseMs = firstPauseMs;
        if (isAtEnd) await this.#bell.wait(pollMs, ending);
      } catch (error) {
        if (ending.aborted) return;
        log.warn({ err: error, webhook: this.name, pauseMs }, 'a webhook could not be told; it is tried again');
        await sleep(pauseMs, undefined, { signal: ending }).catch(() => {});
        pauseMs = Math.min(2 * pauseMs, maxPauseMs);
      }
    }
  }

  /** Tells the next changes, if there are any, and answers whether these were all. */
  async #tellNext(signal: AbortSignal): Promise<boolean> {
    const { metadata } = this.#options;
    const after = (await metadata.getPosition({ name: this.#position }, { signal })).position;
    if (after === undefined) return this.#begin(signal);
    const { changes, position } = await metadata.listChanges({ after, limit: BATCH, kinds: [], mediaOnly: false, descending: false }, { signal });
    const last = changes.at(-1)?.sequence;
    this.behind = last === undefined ? 0 : Math.max(0, position - after);
    if (last === undefined) return true;
    const acts = changes.filter(isAct);
    if (acts.length > 0) await this.#post(toPost(this.#webhook, acts, Date.now()), signal);
    await metadata.savePosition({ name: this.#position, position: last }, { signal });
    this.behind = Math.max(0, position - last);
    return changes.length < BATCH;
  }

  /** What was before it was configured nobody is told of. */
  async #begin(signal: AbortSignal): Promise<boolean> {
    const { metadata } = this.#options;
    const { position } = await metadata.listChanges({ limit: 1, kinds: [], mediaOnly: false, descending: true }, { signal });
    await metadata.savePosition({ name: this.#position, position }, { signal });
    return false;
  }

  async #post(post: ReturnType<typeof toPost>, signal: AbortSignal): Promise<void> {
    try {
      await send(this.#webhook, post, signal);
      this.delivered += 1;
    } catch (error) {
      this.failed += 1;
      throw error;
    }
  }

  get #position(): string {
    return `webhook/${this.name}`;
  }
}
