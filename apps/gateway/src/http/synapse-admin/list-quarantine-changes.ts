import { MediaError } from '@medley/domain/media-error';
import { ChangeKind, type Change } from '@medley/proto/metadata/moderation';
import type { Gateway } from '../../gateway.ts';
import { BULK_BUDGET_MS, stopwatch } from '../../usecases/bulk/bulk-act.ts';
import { isVisibleTo } from '../../usecases/selection/visibility.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { answerJson } from './answer.ts';
import { parseInteger } from './query.ts';

const PAGE = 100;
/** With Synapse a server on which nothing has happened stands at 1; our sequences begin there. */
const SHIFT = 1;

/**
 * `GET /_synapse/admin/v1/media/quarantine_changes`: what has been hidden and shown since `from`, 100 at a time, oldest first; also what a
 * ban of its bytes has hidden. Where there are other tenants, of whom nothing is told, a page may hold fewer; the next begins behind them.
 */
export async function listQuarantineChanges({ context, tenant, query, signal }: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const from = parseInteger(query, 'from', 0);
  const hasTime = stopwatch({ signal, budgetMs: BULK_BUDGET_MS });
  let found: Change[] = [];
  let after = Math.max(from - SHIFT, 0);
  for (let isLast = false; !isLast && found.length === 0 && hasTime();) {
    const request = { after, limit: PAGE, kinds: [ChangeKind.QUARANTINED, ChangeKind.RELEASED], mediaOnly: true, descending: false };
    const { changes, position } = await gateway.services.metadata.listChanges(request, { signal });
    if (from > position + SHIFT) throw beyond(position + SHIFT);
    // what happens to other tenants' media is passed over
    found = changes.filter(({ subject }) => subject?.$case === 'key' && isVisibleTo(gateway, tenant, subject.value));
    isLast = changes.length < PAGE;
    after = changes.at(-1)?.sequence ?? position;
  }
  answerJson(context, { next_batch: after + SHIFT, changes: found.map(toJson) });
}

function toJson({ subject, kind }: Change): Record<string, unknown> {
  const key = subject?.$case === 'key' ? subject.value : undefined;
  return { origin: key?.origin, media_id: key?.mediaId, quarantined: kind === ChangeKind.QUARANTINED };
}

function beyond(position: number): MediaError {
  const message = `The \`from\` token is considered invalid because it includes stream positions greater than the furthest persisted position ${position}`;
  return new MediaError('INVALID_PARAM', message);
}
