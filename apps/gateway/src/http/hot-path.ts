import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { chooseThumbnailFormat } from '@medley/domain/thumbnail-spec';
import { LRUCache } from 'lru-cache';
import type { Sighting } from '../cache/known-changes.ts';
import { Lookups } from '../cache/lookups.ts';
import type { Gateway } from '../gateway.ts';
import type { Tenant } from '../tenants.ts';
import { headerValues } from './parse/headers.ts';
import { ReaderPace } from './respond/reader-pace.ts';

/** A whole answer, ready to be written. */
interface HotAnswer {
  readonly tenant: Tenant;
  readonly operation: string;
  /** Name, value, name, value … as Node takes them. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** Of the record that let its requester have it. */
  readonly sighting: Sighting;
}

/** Who says who may have what. */
type Gatekeepers = Pick<Gateway, 'tenants' | 'tokens' | 'limits' | 'changes' | 'accesses'> & { readonly config: { readonly downloads: { readonly stall_timeout: number } } };

/** Told of every answer given here, as the access log would be. */
export type OnHotAnswer = (answer: HotAnswerFacts) => void;

export interface HotAnswerFacts {
  readonly operation: string;
  readonly requestId: string;
  readonly startedAt: number;
  readonly isBroken: boolean;
}

const PREFIX = '/_matrix/client/v1/media/';
/** Only these parameters, spelt plainly: a token or a masquerade in the URL must never be kept for whoever comes next. */
const PLAIN_URL = /^\/_matrix\/client\/v1\/media\/[^?]*(\?((width|height|method|animated|timeout_ms|allow_redirect)=\w*(&|$))*)?$/;
const THUMBNAILS = `${PREFIX}thumbnail/`;
const MAY_MOVE = /[?&]animated=(true|1)(&|$)/;
const MAX_URL_LENGTH = 1024;
/** What an entry takes beside its body: the key, and the headers. */
const OVERHEAD_BYTES = 4096;
/** With one of these a request wants something else than the whole answer, or carries what must be read first. */
const NOT_PLAIN = ['range', 'if-none-match', 'if-range', 'expect', 'content-length', 'transfer-encoding', 'x-request-id'];

/**
 * Answers the same authenticated media again without going through Koa, which costs more than the answer itself.
 * Only whole answers (200) that lie in memory anyway, only while nothing has happened to the media, only to a token that is
 * known to be good right now and within its user's limits, and only to requests that ask for nothing special; all others take the usual way.
 */
export class HotPath {
  readonly lookups = new Lookups();
  readonly #answers: LRUCache<string, HotAnswer>;

  constructor(maxBytes: number) {
    this.#answers = new LRUCache({ maxSize: Math.max(maxBytes, 1), sizeCalculation: ({ body }) => body.byteLength + OVERHEAD_BYTES });
  }

  get usedBytes(): number {
    return this.#answers.calculatedSize;
  }

  /** Keeps an answer that was just given. */
  keep(request: IncomingMessage, answer: HotAnswer): void {
    const { url = '' } = request;
    if (PLAIN_URL.test(url) && url.length <= MAX_URL_LENGTH) this.#answers.set(toKey(answer.tenant, request), answer);
  }

  /** Answers if it can; says whether it did. */
  answer(gateway: Gatekeepers, request: IncomingMessage, response: ServerResponse, onAnswer: OnHotAnswer): boolean {
    const { url = '', headers } = request;
    if (request.method !== 'GET' || !url.startsWith(PREFIX) || NOT_PLAIN.some((name) => name in headers)) return false;
    const tenant = gateway.tenants.findByHost(headers.host ?? '');
    const hot = tenant && this.lookups.count(this.#answers.get(toKey(tenant, request)));
    if (hot === undefined || !gateway.changes.isCurrent(hot.sighting) || !isAllowed(gateway, hot.tenant, request)) return false;
    gateway.accesses.mark(hot.sighting.name);
    const startedAt = performance.now();
    const requestId = randomUUID();
    response.writeHead(200, [...hot.headers, 'X-Request-Id', requestId]);
    response.end(hot.body);
    // mostly the system has taken all of it by now
    const pace = response.writableLength > 0 ? new ReaderPace(response, gateway.config.downloads.stall_timeout) : undefined;
    response.once('close', () => {
      pace?.[Symbol.dispose]();
      onAnswer({ operation: hot.operation, requestId, startedAt, isBroken: !response.writableFinished });
    });
    return true;
  }
}

/** Whoever is not known right now, or may ask so much only if others are asked first, takes the usual way. */
function isAllowed(gateway: Gatekeepers, tenant: Tenant, request: IncomingMessage): boolean {
  const [header = '', second] = headerValues(request, 'authorization');
  if (second !== undefined || !header.startsWith('Bearer ') || headerValues(request, 'host').length !== 1) return false;
  const requester = gateway.tokens.find(tenant, header.slice('Bearer '.length));
  const limit = request.url?.startsWith(THUMBNAILS) === true ? 'thumbnail' : 'download';
  return requester !== undefined && gateway.limits.tryUser(limit, { tenant, requester }, request);
}

/** Thumbnails vary by `Accept`, but only so far as it chooses another format. */
function toKey(tenant: Tenant, { url = '', headers }: IncomingMessage): string {
  if (!url.startsWith(THUMBNAILS)) return `${tenant.serverName} ${url}`;
  return `${tenant.serverName} ${url} ${chooseThumbnailFormat(headers.accept, MAY_MOVE.test(url))}`;
}
