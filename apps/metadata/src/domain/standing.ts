import { toMxcText } from '@medley/domain/mxc-uri';
import { SYSTEM, toSubjectText, type Act } from './acts.ts';
import { toBlobText, type BlobName } from './blob-name.ts';
import type { AvailableMedia, MediaRecord, Quarantine } from './media-record.ts';

/** All acts on subjects, by the texts of these, in the order in which they happened. A subject without acts is not in it. */
export type Standings = ReadonlyMap<string, readonly Act[]>;

/** What all acts on one media and on its bytes come to. */
interface Fate {
  quarantine?: Act | undefined;
  deletion?: Deletion | undefined;
  isProtected?: boolean;
  isLost?: boolean;
  /** How it came back after its last deletion. */
  revival?: 'restored' | 'fetched-anew';
}

interface Deletion {
  readonly act: Act;
  /** Whether nothing brings it back but fetching it anew. */
  readonly isFinal: boolean;
}

/** Sorts acts, given in any order. */
export function toStandings(acts: Iterable<Act>): Standings {
  const standings = Map.groupBy(acts, ({ subject }) => toSubjectText(subject));
  for (const own of standings.values()) own.sort(bySequence);
  return standings;
}

/** The subjects on which the state of `record` depends. */
export function subjectsOf(record: MediaRecord): string[] {
  if (record.state === 'pending') return [toMxcText(record.uri)];
  const { content } = record;
  return [...new Set([toMxcText(record.uri), content.digest, toBlobText(content)])];
}

/** The record as it stands after all that happened; undefined if it was deleted. */
export function judge<Media extends MediaRecord>(record: Media, standings: Standings): Media | undefined {
  const acts = actsOn(record, standings);
  if (acts.length === 0) return record;
  const fate = foretell(record, acts);
  return fate.deletion === undefined ? asFated(record, fate) : undefined;
}

/** Deleted media that can be restored, as it would be then. */
export interface Trashed {
  readonly record: AvailableMedia;
  readonly deletion: Act;
  /** Unix milliseconds; until then it can be restored. */
  readonly purgeAt: number;
}

/** What of `record` is in the trash; undefined if it is not there. */
export function judgeTrashed(record: MediaRecord, standings: Standings): Trashed | undefined {
  const fate = foretell(record, actsOn(record, standings));
  const { act: deletion, isFinal } = fate.deletion ?? { isFinal: true };
  if (record.state !== 'available' || isFinal || deletion?.purgeAt === undefined) return undefined;
  return { record: asFated(record, fate), deletion, purgeAt: deletion.purgeAt };
}

/** Whether it was deleted so that its record is to go. */
export function isGone(record: MediaRecord, standings: Standings): boolean {
  return foretell(record, actsOn(record, standings)).deletion?.isFinal === true;
}

/** Whether it was taken out of the trash in time, and not deleted since. */
export function isRestored(record: MediaRecord, standings: Standings): boolean {
  const { deletion, revival } = foretell(record, actsOn(record, standings));
  return deletion === undefined && revival === 'restored';
}

/** Whether a blob is known to be lost. */
export function isBlobLost(blob: BlobName, standings: Standings): boolean {
  return standings.get(toBlobText(blob))?.findLast(({ kind }) => kind === 'lost' || kind === 'found')?.kind === 'lost';
}

/** What the acts on this one subject say of quarantine, whatever has become of it otherwise. */
export function banOn(subject: string, standings: Standings): Quarantine | undefined {
  return toQuarantine((standings.get(subject) ?? []).reduce<Fate>(hide, {}).quarantine);
}

/** The last that the log tells of the subject itself in matters of quarantine. */
export function lastTold(subject: string, standings: Standings): Act | undefined {
  return standings.get(subject)?.findLast(({ kind }) => kind === 'quarantined' || kind === 'released');
}

function actsOn(record: MediaRecord, standings: Standings): Act[] {
  return subjectsOf(record).flatMap((name) => standings.get(name) ?? []).sort(bySequence);
}

function foretell(record: MediaRecord, acts: readonly Act[]): Fate {
  const fate: Fate = {};
  for (const act of acts) {
    hide(fate, act);
    bury(fate, act, record.remote === true);
    if (isOnBlobOf(record, act) && (act.kind === 'lost' || act.kind === 'found')) fate.isLost = act.kind === 'lost';
  }
  return fate;
}

/** The common store's blob has the name that stands for these bytes in all stores. */
function isOnBlobOf(record: MediaRecord, { subject }: Act): boolean {
  return record.state === 'available' && subject.kind === 'digest' && subject.store === record.content.store;
}

/** A note by the system says what a ban has done; it hides nothing by itself, for the ban may be over. */
function hide(fate: Fate, act: Act): Fate {
  if (act.kind === 'quarantined' && fate.isProtected !== true && act.by !== SYSTEM) fate.quarantine = act;
  if (act.kind === 'released') fate.quarantine = undefined;
  if (act.kind === 'protected' || act.kind === 'unprotected') fate.isProtected = act.kind === 'protected';
  return fate;
}

/** A purge counts only where it finds the media deleted, and a way back only where it comes before the purge. */
function bury(fate: Fate, act: Act, isRemote: boolean): void {
  const { deletion } = fate;
  if (act.kind === 'deleted') {
    const isFinal = deletion?.isFinal === true || act.purgeAt === undefined;
    fate.deletion = { act: deletion?.act ?? act, isFinal };
  }
  if (deletion === undefined) return;
  if (act.kind === 'purged') fate.deletion = { ...deletion, isFinal: true };
  if (act.kind === 'restored' && (isRemote || !deletion.isFinal)) {
    fate.revival = deletion.isFinal ? 'fetched-anew' : 'restored';
    fate.deletion = undefined;
  }
}

function asFated<Media extends MediaRecord>(record: Media, { quarantine, isProtected, isLost }: Fate): Media {
  return { ...record, quarantine: toQuarantine(quarantine), protected: isProtected === true, ...(record.state === 'available' && { lost: isLost === true }) };
}

function toQuarantine(act: Act | undefined): Quarantine | undefined {
  return act && { by: act.by, at: act.at, ...(act.reason !== undefined && { reason: act.reason }) };
}

function bySequence(first: Act, second: Act): number {
  return first.sequence - second.sequence;
}
