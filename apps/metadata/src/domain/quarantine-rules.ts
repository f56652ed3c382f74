import type { Digest } from '@medley/domain/digest';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { digestSubject, mediaSubject, SYSTEM, toSubjectText, type Author, type NewAct, type Subject } from './acts.ts';
import type { AvailableMedia, MediaRecord } from './media-record.ts';
import { judge, lastTold, type Standings } from './standing.ts';

/** Media to hide or to show, named by itself or by its bytes. */
interface Order extends Author {
  readonly uris: readonly MxcUri[];
  readonly digests: readonly Digest[];
  readonly isQuarantined: boolean;
}

/** What is to be done for an order. */
export interface QuarantinePlan {
  readonly acts: readonly NewAct[];
  /** How many of the named media are there. */
  readonly count: number;
  /** Whose other media is to be told as well. */
  readonly digests: readonly Digest[];
}

/** The digests that a quarantine of these media may concern, whose standings the plan needs. */
export function digestsOf(records: readonly (MediaRecord | undefined)[]): Digest[] {
  return records.flatMap((record) => (record?.state === 'available' ? [record.content.digest] : []));
}

/**
 * What is hidden or shown when these are named: a media always together with its bytes, where they are known. `records`
 * are those of `uris`, judged. Protected media is passed over when hiding, with its bytes.
 */
export function planQuarantine(order: Order, records: readonly (MediaRecord | undefined)[], standings: Standings): QuarantinePlan {
  const named = order.uris.map((uri, position) => ({ uri, record: records[position] })).filter(({ record }) => isConcerned(order, record));
  const there = named.flatMap(({ record }) => record ?? []);
  const digests = [...new Set([...digestsOf(there), ...order.digests])];
  const media = named.filter(({ uri, record }) => isNews(order, mediaSubject(uri), standings) || isOtherwise(order, record));
  const acts = [...media.map(({ uri }) => mediaSubject(uri)), ...digests.map(digestSubject).filter((subject) => isNews(order, subject, standings))];
  return { acts: acts.map((subject) => toAct(order, subject)), count: there.length, digests };
}

/** What is to be told of media whose bytes were named, now that this was told of the bytes; the named ones are not counted again. */
export function tellCopies(order: Order, copies: readonly AvailableMedia[], standings: Standings): Omit<QuarantinePlan, 'digests'> {
  const named = new Set(order.uris.map(toMxcText));
  const concerned = copies.flatMap((copy) => judge(copy, standings) ?? [])
    .filter((record) => isConcerned(order, record) && !named.has(toMxcText(record.uri)));
  const untold = concerned.filter((record) => isOtherwise(order, record) || isToldOtherwise(order, mediaSubject(record.uri), standings));
  return { acts: untold.map(({ uri }) => toAct(order, mediaSubject(uri))), count: concerned.length };
}

/** What is to be noted of media that comes, or comes back, while its bytes are banned: the log is to name every media that is hidden. */
export function noteBan(record: MediaRecord, standings: Standings): NewAct[] {
  const { quarantine } = record;
  const subject = mediaSubject(record.uri);
  if (quarantine === undefined || lastTold(toSubjectText(subject), standings)?.kind === 'quarantined') return [];
  return [{ kind: 'quarantined', subject, by: SYSTEM, reason: quarantine.reason }];
}

function isConcerned({ isQuarantined }: Order, record: MediaRecord | undefined): boolean {
  return !(isQuarantined && record?.protected === true);
}

/** Whether the order says something that the log has not said of the subject itself, be it only who or why. */
function isNews(order: Order, subject: Subject, standings: Standings): boolean {
  const told = lastTold(toSubjectText(subject), standings);
  return isToldOtherwise(order, subject, standings) || (order.isQuarantined && (told?.by !== order.by || told.reason !== order.reason));
}

function isToldOtherwise({ isQuarantined }: Order, subject: Subject, standings: Standings): boolean {
  return (lastTold(toSubjectText(subject), standings)?.kind === 'quarantined') !== isQuarantined;
}

function isOtherwise({ isQuarantined }: Order, record: MediaRecord | undefined): boolean {
  return record !== undefined && (record.quarantine !== undefined) !== isQuarantined;
}

function toAct({ isQuarantined, by, reason }: Order, subject: Subject): NewAct {
  return { kind: isQuarantined ? 'quarantined' : 'released', subject, by, reason };
}
