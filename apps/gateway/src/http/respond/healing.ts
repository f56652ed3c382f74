import { isReason } from '@medley/domain/media-error';
import type { Gateway } from '../../gateway.ts';
import type { Lookup } from '../../usecases/find-media.ts';
import { canHeal, heal } from '../../usecases/remote/heal.ts';
import type { Exchange } from '../exchange.ts';

/**
 * Answers; where it turns out that bytes of another server's media are lost or damaged, fetches them anew and answers once
 * more. Where too much of the answer was sent for that, they are fetched for whoever comes next.
 */
export async function healing({ context, signal }: Exchange, gateway: Gateway, lookup: Lookup, answer: () => Promise<void>): Promise<void> {
  try {
    await answer();
  } catch (error) {
    if (!isReason(error, 'BLOB_CORRUPT') || !canHeal(gateway, lookup)) throw error;
    if (!context.res.headersSent) {
      await heal(gateway, lookup, signal);
      return answer();
    }
    heal(gateway, lookup, new AbortController().signal).catch((cause: unknown) => gateway.log.warn({ err: cause }, 'lost media could not be fetched again'));
    throw error;
  }
}
