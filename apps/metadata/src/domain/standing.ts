import { toMxcText } from '@medley/domain/mxc-uri';
import { toSubjectText, type Act } from './acts.ts';
import type { MediaRecord, Quarantine } from './media-record.ts';

/** What the acts on one subject come to: the last word on each matter. */
interface Standing {
  hiding?: Act;
  loss?: Act;
  isDeleted?: true;
}

/** The standing of subjects, by their texts. One without acts is not in it. */
export type Standings = ReadonlyMap<string, Standing>;

/** Sums up acts, given in any order. */
export function toStandings(acts: Iterable<Act>): Standings {
  const standings = new Map<string, Standing>();
  for (const act of acts) {
    const name = toSubjectText(act.subject);
    const standing = standings.get(name) ?? {};
    standings.set(name, standing);
    note(standing, act);
  }
  return standings;
}

/** The subjects on which the state of `record` depends. */
export function subjectsOf(record: MediaRecord): string[] {
  return record.state === 'available' ? [toMxcText(record.uri), record.content.digest] : [toMxcText(record.uri)];
}

/** The record as it stands after all that happened; undefined if it was deleted. */
export function judge<Media extends MediaRecord>(record: Media, standings: Standings): Media | undefined {
  const all = subjectsOf(record).flatMap((name) => standings.get(name) ?? []);
  if (all.length === 0) return record;
  if (all.some(({ isDeleted }) => isDeleted)) return undefined;
  const quarantine = toQuarantine(all.flatMap(({ hiding }) => hiding ?? []).reduce<Act | undefined>(newer, undefined));
  return { ...record, quarantine, ...(record.state === 'available' && { lost: all.some(isLost) }) };
}

/** Whether the bytes with this digest are known to be lost. */
export function isDigestLost(digest: string, standings: Standings): boolean {
  return isLost(standings.get(digest) ?? {});
}

function note(standing: Standing, act: Act): void {
  switch (act.kind) {
    case 'quarantined':
    case 'released':
      standing.hiding = newer(standing.hiding, act);
      return;
    case 'lost':
    case 'found':
      standing.loss = newer(standing.loss, act);
      return;
    case 'deleted':
      standing.isDeleted = true;
  }
}

function newer(first: Act | undefined, second: Act): Act {
  return first !== undefined && first.sequence > second.sequence ? first : second;
}

function toQuarantine(act: Act | undefined): Quarantine | undefined {
  return act?.kind === 'quarantined' ? { by: act.by, at: act.at } : undefined;
}

function isLost({ loss }: Standing): boolean {
  return loss?.kind === 'lost';
}
