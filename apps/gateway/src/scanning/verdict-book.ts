import type { ScanSubject } from '@medley/proto/content-scanner';
import { VerdictState, type Verdict } from '@medley/proto/metadata/verdicts';
import type { Logger } from '@medley/telemetry/logger';
import type { Services } from '../services.ts';
import type { Finding } from './scanner.ts';

/** Who quarantines what a scanner has rejected. */
const SCANNER = 'content-scanner';
/** Acts are numbered one after the other: many copies take their time. */
const QUARANTINE_TIMEOUT_MS = 300_000;

export interface VerdictBookOptions {
  readonly metadata: Pick<Services['metadata'], 'getVerdict' | 'putVerdict' | 'setQuarantine' | 'listMedia'>;
  /** Whether rejected bytes are banned though no record names them: some media may be waiting for their verdict, or have been let through. */
  readonly bansAhead: boolean;
  readonly log: Logger;
}

/** What is known of bytes, among all gateways. */
export class VerdictBook {
  readonly #options: VerdictBookOptions;

  constructor(options: VerdictBookOptions) {
    this.#options = options;
  }

  async get(digest: string): Promise<Verdict | undefined> {
    return (await this.#options.metadata.getVerdict({ digest })).verdict;
  }

  /** Has bytes examined later, by whichever gateway. */
  async put(digest: string, state: VerdictState, scanner: string): Promise<void> {
    await this.#options.metadata.putVerdict({ verdict: { digest, state, scanner, finding: '', atMs: 0 } });
  }

  /** Keeps what the scanner says. Rejected bytes are hidden first, so that nothing shows them in between. */
  async settle({ digest, origin, userId }: ScanSubject, { isClean, finding, scanner }: Finding): Promise<void> {
    const { metadata, log } = this.#options;
    const state = isClean ? VerdictState.CLEAN : VerdictState.REJECTED;
    if (!isClean) {
      log.warn({ digest, origin, userId, finding, scanner }, 'content was rejected by the scanner');
      if (await this.#isToBan(digest)) {
        await metadata.setQuarantine({ keys: [], digests: [digest], quarantined: true, by: SCANNER, reason: finding }, { timeoutMs: QUARANTINE_TIMEOUT_MS });
      }
    }
    await metadata.putVerdict({ verdict: { digest, state, finding, scanner, atMs: 0 } });
  }

  async #isToBan(digest: string): Promise<boolean> {
    if (this.#options.bansAhead) return true;
    const filter = { kinds: [], origins: [], userIds: [], digest };
    const { records, next } = await this.#options.metadata.listMedia({ filter, limit: 1, descending: false, withTotal: false });
    return records.length > 0 || next !== undefined;
  }
}

/** Whether a scanner has said it, with the signatures that it has now. */
export function isSaidBy(scanner: string, known: Verdict | undefined): known is Verdict {
  return known !== undefined && known.scanner === scanner && (known.state === VerdictState.CLEAN || known.state === VerdictState.REJECTED);
}
