import type { MxcUri } from '@medley/domain/mxc-uri';
import { describeExchange, type Exchange } from '../harness/exchange.ts';
import type { KnownBody } from '../harness/known-body.ts';

/** How long a deletion or a quarantine may take to bite: two seconds, and as long again for a gateway that hears nothing (`cache.max_stale`). */
export const REMOVAL_BITES_WITHIN_MS = 4000;

/** What must never be. */
export const VIOLATIONS = ['cleanButWrong', 'servedCutOff', 'servedAfterRemoval', 'twoBodies', 'wronglyMissing', 'hung'] as const;
export type Violation = (typeof VIOLATIONS)[number];

/** When somebody began to remove media, and when that was acknowledged, if it was. */
interface Removal {
  readonly begunAt: number;
  doneAt?: number;
}

/** What the clients of a load know about one media. */
export interface MediaFacts {
  readonly uri: MxcUri;
  /** Whole bodies that were sent to it, by digest. */
  readonly sent: Map<string, KnownBody>;
  /** The one whose upload got 200. */
  acknowledged?: KnownBody;
  /** Digests of the bodies that it has shown so far. */
  readonly shown: Set<string>;
  deletion?: Removal;
}

/** Whether media must be served, must not be, or may be both because somebody never heard how its removal ended. */
export type Standing = 'there' | 'removed' | 'unsure';

const EXCERPT_LINES = 60;

/** Everything that the clients of a load were told, and what they saw that must not be. */
export class History {
  readonly media = new Map<string, MediaFacts>();
  readonly counts = new Map<Violation, number>();
  /** What went wrong, in words. */
  readonly problems: string[] = [];
  readonly #quarantines = new Map<string, Removal>();
  readonly #lines: string[] = [];
  readonly #bitesWithinMs: number;

  constructor(bitesWithinMs = REMOVAL_BITES_WITHIN_MS) {
    this.#bitesWithinMs = bitesWithinMs;
  }

  /** A media id that a client knows from now on. */
  know(uri: MxcUri): MediaFacts {
    const facts: MediaFacts = { uri, sent: new Map(), shown: new Set() };
    this.media.set(uri.mediaId, facts);
    return facts;
  }

  /** An upload to a media id begins that will send this whole body. */
  beginUpload(facts: MediaFacts, body: KnownBody): void {
    facts.sent.set(body.digest, body);
  }

  /** It got 200. */
  acknowledge(facts: MediaFacts, body: KnownBody): void {
    this.beginUpload(facts, body);
    facts.acknowledged = body;
    this.note(`acknowledged ${facts.uri.mediaId}: ${body.sizeBytes} B ${body.digest.slice(0, 8)}`);
  }

  /** Somebody asks for its deletion; to be called with the answer. */
  beginDeletion(facts: MediaFacts): () => void {
    const removal: Removal = (facts.deletion ??= { begunAt: Date.now() });
    return () => this.#end(removal, `deleted ${facts.uri.mediaId}`);
  }

  /** Somebody asks for the quarantine of all media with these bytes; to be called with the answer. */
  beginQuarantine(digest: string): () => void {
    const removal: Removal = this.#quarantines.get(digest) ?? { begunAt: Date.now() };
    this.#quarantines.set(digest, removal);
    return () => this.#end(removal, `quarantined ${digest.slice(0, 8)}`);
  }

  /** How media stands for whoever asked at `at` and was answered now. */
  standing(facts: MediaFacts, at: number): Standing {
    const bodies = facts.acknowledged === undefined ? [...facts.sent.keys()] : [facts.acknowledged.digest];
    const quarantines = bodies.map((digest) => this.#quarantines.get(digest));
    const removals = [facts.deletion, ...quarantines].filter((removal) => removal !== undefined);
    if (removals.length === 0) return 'there';
    const isDone = removals.some(({ doneAt }) => doneAt !== undefined && doneAt + this.#bitesWithinMs < at);
    // Of several bodies nobody knows which one it is.
    return isDone && bodies.length <= 1 ? 'removed' : 'unsure';
  }

  /** Whether somebody has asked for the removal of these bytes or this media. */
  isTouched(facts: MediaFacts): boolean {
    return this.standing(facts, 0) !== 'there';
  }

  /** Judges a download of the whole media, or any part of it if it was answered with `expected`. */
  hear(facts: MediaFacts, answer: Exchange, expected?: string): void {
    const standing = this.standing(facts, answer.beganAt);
    if (answer.failure === 'ABORT_ERR') this.#violate('hung', facts, answer);
    if (answer.status === 404 && standing === 'there' && facts.acknowledged !== undefined) this.#violate('wronglyMissing', facts, answer);
    if (!answer.isWhole || (answer.status !== 200 && answer.status !== 206)) return;
    if (standing === 'removed') this.#violate('servedAfterRemoval', facts, answer);
    if (expected !== undefined && answer.digest !== expected) this.#violate('cleanButWrong', facts, answer);
    if (answer.status === 200) this.#judgeWhole(facts, answer);
  }

  /** Judges a thumbnail: no picture of what was removed. */
  hearThumbnail(facts: MediaFacts, answer: Exchange): void {
    if (answer.status === 200 && answer.isWhole && this.standing(facts, answer.beganAt) === 'removed') this.#violate('servedAfterRemoval', facts, answer);
  }

  note(line: string): void {
    this.#lines.push(`${new Date().toISOString().slice(11, 23)} ${line}`);
  }

  /** The last things that happened, for a run that failed. */
  excerpt(): string {
    return this.#lines.slice(-EXCERPT_LINES).join('\n');
  }

  get acknowledgedCount(): number {
    return [...this.media.values()].filter(({ acknowledged }) => acknowledged !== undefined).length;
  }

  #judgeWhole(facts: MediaFacts, answer: Exchange): void {
    const isRight = facts.acknowledged === undefined ? facts.sent.has(answer.digest) : facts.acknowledged.digest === answer.digest;
    if (!isRight) this.#violate(facts.sent.size === 0 ? 'servedCutOff' : 'cleanButWrong', facts, answer);
    if (facts.shown.add(answer.digest).size > 1) this.#violate('twoBodies', facts, answer);
  }

  #end(removal: Removal, line: string): void {
    removal.doneAt ??= Date.now();
    this.note(line);
  }

  #violate(violation: Violation, { uri, acknowledged }: MediaFacts, answer: Exchange): void {
    this.counts.set(violation, (this.counts.get(violation) ?? 0) + 1);
    const what = `${violation}: ${uri.mediaId} (acknowledged: ${acknowledged?.digest.slice(0, 8) ?? 'no'}) answered ${describeExchange(answer)}`;
    this.problems.push(what);
    this.note(what);
  }
}
