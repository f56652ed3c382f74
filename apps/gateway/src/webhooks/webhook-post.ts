import { createHash, createHmac } from 'node:crypto';
import type { WebhookConfig } from '@medley/config/webhook';
import { toMxcText } from '@medley/domain/mxc-uri';
import { ChangeKind, type Change } from '@medley/proto/metadata/moderation';
import { TimeLimit } from '@medley/streams/abort';

/** What moderators do to media; bytes that were lost or found are the operator's business. */
const WORDS: Readonly<Partial<Record<ChangeKind, string>>> = {
  [ChangeKind.QUARANTINED]: 'quarantined',
  [ChangeKind.RELEASED]: 'released',
  [ChangeKind.DELETED]: 'deleted',
  [ChangeKind.RESTORED]: 'restored',
  [ChangeKind.PURGED]: 'purged',
  [ChangeKind.PROTECTED]: 'protected',
  [ChangeKind.UNPROTECTED]: 'unprotected',
};

/** Whether a webhook is told of it. */
export function isAct({ kind }: Change): boolean {
  return WORDS[kind] !== undefined;
}

/** What a webhook is sent: docs/reference/webhooks.md. */
export interface WebhookPost {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The same changes always have the same body and delivery id. `now` in Unix milliseconds. */
export function toPost({ name, secret }: Pick<WebhookConfig, 'name' | 'secret'>, changes: readonly Change[], now: number): WebhookPost {
  const body = JSON.stringify({ webhook: name, changes: changes.map(toJson) });
  const headers = {
    'Content-Type': 'application/json',
    'X-Medley-Timestamp': String(now),
    'X-Medley-Signature': `sha256=${createHmac('sha256', secret).update(`${now}.${body}`).digest('hex')}`,
    'X-Medley-Delivery': createHash('sha256').update(body).digest('hex').slice(0, 32),
  };
  return { body, headers };
}

/** Sends it. Rejects unless the answer is a 2xx that comes in time; no redirect is followed, and of the answer's body nothing is read. */
export async function send({ url, timeout }: Pick<WebhookConfig, 'url' | 'timeout'>, { body, headers }: WebhookPost, signal: AbortSignal): Promise<void> {
  using limit = new TimeLimit(timeout);
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal: AbortSignal.any([signal, limit.signal]) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the webhook answered ${answer.status}`);
}

function toJson({ sequence, kind, subject, by, atMs, reason }: Change): object {
  const of = subject?.$case === 'key' ? { media: toMxcText(subject.value) } : { digest: subject?.value };
  return { sequence, kind: WORDS[kind], ...of, by, at: atMs, reason };
}
