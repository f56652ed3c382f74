import { AsyncLocalStorage } from 'node:async_hooks';
import { MediaError } from '@medley/domain/media-error';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Span, type SpanContext, type Tracer } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/** What a span tells. Values come from closed sets or are numbers: never a media id, a user, a URL, a name or a token. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** A piece of work in a trace. */
export interface SpanSpec {
  /** From a closed set. */
  readonly name: string;
  readonly kind?: 'server' | 'client' | 'internal';
  readonly facts?: SpanFacts;
  /** Who asks for the work, as a `traceparent` header says it. Default: the span this code runs in. */
  readonly parent?: string | undefined;
  /** When the work began, by the monotonic clock in milliseconds. Default: now. */
  readonly startedAt?: number;
}

/** A span that has begun. Must be ended. */
export interface OpenSpan {
  /** What to send to whom this work asks for more: a W3C `traceparent`. */
  readonly traceparent: string;
  note(facts: SpanFacts): void;
  /** Gives it the name that is known only now; from a closed set. */
  rename(name: string): void;
  /** Says that the work failed, by the class of the failure (`toErrorClass`); a message is never told. */
  fail(error: unknown): void;
  end(): void;
  /** Runs `work`, and all that it starts, within this span. */
  run<Value>(work: () => Value): Value;
  /** From here on, the current asynchronous call runs within this span. */
  enter(): void;
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;
const current = new AsyncLocalStorage<SpanContext>();
const used: { tracer: Tracer | undefined } = { tracer: undefined };

/** Whether this process tells of its work. Whoever is on a hot path asks first: with traces off, nothing else is to be paid. */
export function isTracing(): boolean {
  return used.tracer !== undefined;
}

/** Has all spans from now on made by `tracer`, or by none. */
export function useTracer(tracer: Tracer | undefined): void {
  used.tracer = tracer;
}

/** The trace that this code runs in, for the log; `undefined` with traces off. */
export function currentTraceId(): string | undefined {
  return isTracing() ? current.getStore()?.traceId : undefined;
}

/** The same, only of a trace that is told to somebody. */
export function sampledTraceId(): string | undefined {
  const context = isTracing() ? current.getStore() : undefined;
  return context && (context.traceFlags & TraceFlags.SAMPLED) !== 0 ? context.traceId : undefined;
}

/** What to send to whom this code asks for something: a W3C `traceparent`. Never to be sent to strangers. */
export function currentTraceparent(): string | undefined {
  const context = isTracing() ? current.getStore() : undefined;
  return context && toTraceparent(context);
}

/** Begins a span; `undefined` with traces off. */
export function openSpan({ name, kind = 'internal', facts = {}, parent, startedAt }: SpanSpec): OpenSpan | undefined {
  const { tracer } = used;
  if (tracer === undefined) return undefined;
  const above = parent === undefined ? current.getStore() : parseTraceParent(parent);
  const context = above ? trace.setSpanContext(ROOT_CONTEXT, { ...above, isRemote: parent !== undefined }) : ROOT_CONTEXT;
  return toOpenSpan(tracer.startSpan(name, { kind: KINDS[kind], attributes: facts, ...(startedAt !== undefined && { startTime: performance.timeOrigin + startedAt }) }, context));
}

/** Runs `work` within a span that ends with it. With traces off it just runs. */
export async function inSpan<Value>(spec: SpanSpec, work: () => Promise<Value>): Promise<Value> {
  const span = openSpan(spec);
  if (span === undefined) return work();
  try {
    return await span.run(work);
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

function toOpenSpan(span: Span): OpenSpan {
  const context = span.spanContext();
  return {
    traceparent: toTraceparent(context),
    note: (facts) => void span.setAttributes(facts),
    rename: (name) => void span.updateName(name),
    fail(error) {
      span.setAttribute('error.type', toErrorClass(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end: () => span.end(),
    run: (work) => current.run(context, work),
    enter: () => current.enterWith(context),
  };
}

function toTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`;
}

/** What kind of failure it is, from a set that is small: its reason, its code, or its name; a text stands for itself. */
export function toErrorClass(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof MediaError) return error.reason;
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(error.code) ? error.code : error.name;
}
