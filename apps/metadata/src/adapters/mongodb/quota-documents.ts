import { plus, type Amount } from '../../domain/quota-rules.ts';

/** In the collection `quota_reservations`: room kept for an upload. */
export interface QuotaDocument {
  /** The reservation. */
  readonly _id: string;
  readonly userId: string;
  readonly bytes: number;
  /** Of its insertion. */
  readonly at: number;
  readonly lapsesAt: number;
  /** Its record counts now; it stays for a while for those who remember an older sum. */
  readonly isUsed: boolean;
}

/** What reservations keep, all together. */
export function amountOf(documents: readonly QuotaDocument[]): Amount {
  return documents.map(({ bytes }) => ({ bytes, files: 1 })).reduce(plus, { bytes: 0, files: 0 });
}
