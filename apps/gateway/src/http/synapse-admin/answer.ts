import type { Context } from 'koa';
import type { BulkAct } from '../../usecases/bulk/bulk-act.ts';
import { BULK_BUDGET_MS, toReason } from '../../usecases/bulk/bulk-act.ts';
import type { AuthenticatedExchange } from '../exchange.ts';

/** Answers with JSON that nobody may keep, since the next call may answer something else. */
export function answerJson(context: Context, body: Readonly<Record<string, unknown>>, status = 200): void {
  context.set('Cache-Control', 'no-store');
  context.status = status;
  context.body = body;
}

/** What an answer says beyond Synapse's members, so that nobody takes a part for the whole: the same call again does the rest. */
export function toIncomplete(isComplete: boolean): { readonly incomplete?: true } {
  return isComplete ? {} : { incomplete: true };
}

/** Who does something to media by this call. `what` names the call in the log of what happened. */
export function toAct({ tenant, requester, signal }: AuthenticatedExchange, what: string): BulkAct {
  return { tenant, by: requester.userId, reason: toReason(what), signal, budgetMs: BULK_BUDGET_MS };
}

/** Where the next page begins, if there is one. */
export function toNextToken({ offset, limit }: { readonly offset: number; readonly limit: number }, count: number, total: number): { readonly next_token?: number } {
  return offset + limit < total ? { next_token: offset + count } : {};
}
