import type { Digest } from '@medley/domain/digest';
import { isSaidBy, type Judgement, type NewVerdict, type Verdict, type VerdictQuery, type Verdicts } from '../../ports/verdicts.ts';
import { insertIfNew } from './insert.ts';
import { guarded, type MongoDbSession } from './session.ts';
import { toPendingVerdict, toVerdict, type JudgementDocument } from './verdict-documents.ts';

/**
 * Verdicts and what is to be examined as documents of two collections, each under its digest. Whoever has a judgement written
 * while another says that the bytes are to be examined may leave that behind: then they are examined once more.
 */
export class MongoDbVerdicts implements Verdicts {
  readonly #session: MongoDbSession;

  constructor(session: MongoDbSession) {
    this.#session = session;
  }

  put({ digest, state, finding, scanner }: NewVerdict, signal: AbortSignal): Promise<Verdict> {
    return guarded(signal, async () => {
      const at = this.#session.now();
      if (state === 'pending') await this.#wantExamined(digest, scanner, at);
      else await this.#judge({ _id: digest, state, finding, scanner, at });
      return (await this.#find(digest)) ?? { digest, state, finding, scanner, at };
    });
  }

  withdraw(digest: Digest, signal: AbortSignal): Promise<void> {
    return guarded(signal, async () => {
      await this.#session.toExamine.deleteOne({ _id: digest });
    });
  }

  get(digest: Digest, signal: AbortSignal): Promise<Verdict | undefined> {
    return guarded(signal, () => this.#find(digest));
  }

  judged(digests: readonly Digest[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    return guarded(signal, async () => {
      const documents = await this.#session.judgements.find({ _id: { $in: [...digests] } }, { projection: { _id: 1 } }).toArray();
      return new Set(documents.map(({ _id }) => _id));
    });
  }

  list({ state, limit, after }: VerdictQuery, signal: AbortSignal): Promise<readonly Verdict[]> {
    return guarded(signal, async () => {
      const { judgements, toExamine } = this.#session;
      const behind = { _id: { $gt: after as Digest } }; // any text can be compared with
      if (state === 'pending') return (await toExamine.find(behind).sort({ _id: 1 }).limit(limit).toArray()).map(toPendingVerdict);
      return (await judgements.find({ state: state satisfies Judgement, ...behind }).sort({ _id: 1 }).limit(limit).toArray()).map(toVerdict);
    });
  }

  async #wantExamined(digest: Digest, scanner: string, at: number): Promise<void> {
    if (!isSaidBy(scanner, await this.#find(digest))) await insertIfNew(this.#session.toExamine, { _id: digest, at });
  }

  async #judge(judgement: JudgementDocument): Promise<void> {
    const { judgements, toExamine } = this.#session;
    const isNew = await insertIfNew(judgements, judgement);
    if (judgement.state === 'passed') return;
    const { _id, ...fields } = judgement;
    if (!isNew) await judgements.updateOne({ _id }, { $set: fields });
    await toExamine.deleteOne({ _id });
  }

  async #find(digest: Digest): Promise<Verdict | undefined> {
    const { judgements, toExamine } = this.#session;
    const [judgement] = await judgements.find({ _id: digest }).toArray();
    if (judgement !== undefined) return toVerdict(judgement);
    const [pending] = await toExamine.find({ _id: digest }).toArray();
    return pending && toPendingVerdict(pending);
  }
}
