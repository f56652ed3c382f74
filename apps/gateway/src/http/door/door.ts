import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ListenConfig } from '@medley/config/listen';
import { MediaError } from '@medley/domain/media-error';
import type { Counter, Meter } from '@medley/telemetry/metrics';
import { AtOnce } from '../../limits/at-once.ts';
import { networkOfRequest } from '../parse/client-address.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { LoopDelay } from './loop-delay.ts';
import { Place } from './place.ts';
import { refuse, toRefusal } from './refuse.ts';
import { WORKS, workOf, type Work } from './work.ts';

/** What a kind of work may take of `max_requests`, and at how many times `max_delay` it has to give way. */
const PRIORITIES: Readonly<Record<Work, { readonly share: number; readonly delays: number }>> = {
  thumbnail: { share: 3 / 4, delays: 1 },
  preview: { share: 1 / 4, delays: 1 },
  remote: { share: 1 / 2, delays: 1 },
  upload: { share: 1 / 2, delays: 1 },
  download: { share: 3 / 4, delays: 2 },
  other: { share: 1, delays: 4 },
};

/** The rest of `max_requests` is for those who may have to help. */
const SHARE_OF_MEDIA = 0.9;
/** So few of a kind are never what delays this process: other programs do, which fewer requests do not help against. */
const LEAST_HERE = 64;
/** Uploads take from one another: so many at once are as fast as more would be, if they are not slow themselves. */
const FIRST_UPLOADS = 256;
/** So many may at least ask a service that says that it is busy. */
const LEAST_AT_SERVICES = 4;
/** After a refusal, how long it is told. */
const SHEDDING_FOR_MS = 10_000;
const RETRY_AFTER_MS = 1000;
const BUSY = toRefusal(new MediaError('BUSY', 'Too much is asked for at the moment', { retryAfterMs: RETRY_AFTER_MS }));
const TOO_MANY = toRefusal(new MediaError('RATE_LIMITED', 'Too many requests at once', { retryAfterMs: RETRY_AFTER_MS }));

/** Called once or more often. */
type Leave = () => void;
const SHED_REASONS = ['requests', 'address', 'work'] as const;
type ShedReason = (typeof SHED_REASONS)[number];

/**
 * Refuses what there is no room for, before it costs anything: a gateway that takes on more than it can do does nothing in
 * time. Costly work gives way first, then downloads, at last what admins ask. Whatever was let in is never cut.
 */
export class Door implements Disposable {
  readonly #config: ListenConfig;
  readonly #isLocal: (origin: string) => boolean;
  readonly #delay: LoopDelay;
  #delayMs = 0;
  readonly #perAddress: AtOnce;
  readonly #limits: Readonly<Record<Work, AdaptiveLimit>>;
  readonly #places = new WeakMap<ServerResponse, Place>();
  readonly #shed: Counter;
  #running = 0;
  #shedAt = Number.NEGATIVE_INFINITY;

  constructor(config: ListenConfig, isLocal: (origin: string) => boolean, meter: Meter) {
    this.#config = config;
    this.#isLocal = isLocal;
    this.#perAddress = new AtOnce(config.max_requests_per_address || Infinity);
    const limitOf = (work: Work, first?: number): AdaptiveLimit => new AdaptiveLimit(Math.max(1, Math.floor(config.max_requests * PRIORITIES[work].share)), first);
    this.#limits = {
      thumbnail: limitOf('thumbnail'), preview: limitOf('preview'), remote: limitOf('remote'),
      upload: limitOf('upload', config.max_delay > 0 ? FIRST_UPLOADS : undefined), download: limitOf('download'), other: limitOf('other'),
    };
    this.#shed = meter.createCounter('medley.shed', { description: 'Requests that were refused for want of room, by what there was too much of' });
    // so that a figure that is not there yet is known to be 0
    for (const reason of SHED_REASONS) this.#shed.add(0, { reason });
    this.#delay = new LoopDelay((ms) => this.#adapt(ms));
    observeDoor(meter, () => this.#running, () => this.#delayMs / 1000);
  }

  /** Counts a request until its response has closed, and answers with what counts it no more; or refuses it where there is no room for any. */
  letIn(request: IncomingMessage, response: ServerResponse): Leave | undefined {
    if (this.#running >= this.#config.max_requests) return this.#refuse(request, response, 'requests');
    const leaveAddress = this.#perAddress.begin(networkOfRequest(request, this.#config));
    if (leaveAddress === undefined) return this.#refuse(request, response, 'address');
    this.#running += 1;
    let isIn = true;
    const leave = (): void => {
      if (!isIn) return;
      isIn = false;
      this.#running -= 1;
      leaveAddress();
    };
    response.once('close', leave);
    return leave;
  }

  /** Whether there is room for the work that a request makes; else refuses it, and it is counted no more. */
  giveWork(request: IncomingMessage, response: ServerResponse, leave: Leave): boolean {
    const work = workOf(request, this.#isLocal);
    const limit = this.#limits[work];
    const hasRoom = work === 'other' || this.#running <= this.#config.max_requests * SHARE_OF_MEDIA;
    if (hasRoom && limit.begin()) {
      const place = new Place(limit);
      this.#places.set(response, place);
      response.once('close', () => place.leave());
      if (work === 'upload') this.#watchFinish(request, response);
      return true;
    }
    leave();
    this.#refuse(request, response, hasRoom ? 'work' : 'requests');
    return false;
  }

  /** What a request that was given work takes of it. */
  placeOf(response: ServerResponse): Place | undefined {
    return this.#places.get(response);
  }

  /** Whoever does this work says that it has too much of it. */
  tellBusy(work: Work): void {
    this.#limits[work].shrink(LEAST_AT_SERVICES);
  }

  /** Whether anything was refused lately. */
  get isShedding(): boolean {
    return performance.now() - this.#shedAt < SHEDDING_FOR_MS;
  }

  [Symbol.dispose](): void {
    this.#delay[Symbol.dispose]();
  }

  /** What an upload takes after its last byte is no slowness of its sender. */
  #watchFinish(request: IncomingMessage, response: ServerResponse): void {
    const { max_finish: maxFinishMs } = this.#config;
    if (maxFinishMs === 0) return;
    request.once('end', () => {
      const endedAt = performance.now();
      response.once('close', () => {
        if (performance.now() - endedAt > maxFinishMs) this.#limits.upload.shrink(LEAST_HERE);
      });
    });
  }

  #adapt(delayMs: number): void {
    this.#delayMs = delayMs;
    const { max_delay: maxDelayMs } = this.#config;
    for (const work of WORKS) {
      if (maxDelayMs > 0 && delayMs > maxDelayMs * PRIORITIES[work].delays) this.#limits[work].shrink(LEAST_HERE);
      else this.#limits[work].grow();
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, reason: ShedReason): undefined {
    this.#shed.add(1, { reason });
    this.#shedAt = performance.now();
    refuse(request, response, reason === 'address' ? TOO_MANY : BUSY);
  }
}

function observeDoor(meter: Meter, running: () => number, delayS: () => number): void {
  meter
    .createObservableGauge('medley.gateway.requests.running', { description: 'Requests under way' })
    .addCallback((gauge) => gauge.observe(running()));
  meter
    .createObservableGauge('medley.gateway.delay', { description: 'How long everything waits for its turn in this process', unit: 's' })
    .addCallback((gauge) => gauge.observe(delayS()));
}
