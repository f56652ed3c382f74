import type { LeaseAnswer, Leases, LeaseWish } from '../../ports/leases.ts';
import { insertIfNew } from './insert.ts';
import type { LeaseDocument } from './job-documents.ts';
import { guarded, type MongoDbSession } from './session.ts';

/**
 * Every turn of a lease, its renewals and its end included, is the insertion of the next number, which only one can have:
 * the holder of the last turn may make it at any time, others when that has ended. Old turns go, so that somebody slow
 * may fill a gap; whoever has inserted a turn looks therefore whether it is the last.
 */
export class MongoDbLeases implements Leases {
  readonly #session: MongoDbSession;

  constructor(session: MongoDbSession) {
    this.#session = session;
  }

  take({ name, holder, ttlMs }: LeaseWish, signal: AbortSignal): Promise<LeaseAnswer> {
    return guarded(signal, async () => {
      for (;;) {
        const last = await this.#last(name);
        const now = this.#session.now();
        if (last !== undefined && last.holder !== holder && last.until > now) return { isGranted: false, until: last.until };
        const until = now + ttlMs;
        if (await this.#insert({ name, turn: (last?.turn ?? 0) + 1, holder, until })) return { isGranted: true, until };
      }
    });
  }

  release(name: string, holder: string, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      const last = await this.#last(name);
      if (last?.holder !== holder) return;
      await this.#insert({ name, turn: last.turn + 1, holder, until: 0 });
    });
  }

  async #last(name: string): Promise<LeaseDocument | undefined> {
    const [last] = await this.#session.leases.find({ name }).sort({ turn: -1 }).limit(1).toArray();
    return last;
  }

  /** False if somebody else has got on. */
  async #insert(turn: Omit<LeaseDocument, '_id'>): Promise<boolean> {
    const { leases } = this.#session;
    const document = { _id: `${turn.name}/${turn.turn}`, ...turn };
    if (!(await insertIfNew(leases, document))) return false;
    if ((await this.#last(turn.name))?.turn === turn.turn) {
      await leases.deleteMany({ name: turn.name, turn: { $lt: turn.turn } });
      return true;
    }
    await leases.deleteOne({ _id: document._id });
    return false;
  }
}
