import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Ban as BanMessage } from '@medley/proto/metadata/moderation';
import { parseSubject, toSubjectText } from '../domain/acts.ts';
import type { ActLog, Ban } from '../ports/act-log.ts';
import { toSubject } from './changes.ts';
import { parseLimit } from './fields.ts';
import { toQuarantineMessage } from './to-message.ts';

/** Lists what is quarantined now, whether or not it is here. */
export function listBans(log: ActLog): MetadataServiceImplementation['listBans'] {
  return async ({ after, limit }, { signal }) => {
    const { bans, next } = await log.listBans(after === undefined ? '' : toSubjectText(parseSubject(after)), parseLimit(limit), signal);
    return { bans: bans.map(toBanMessage), next };
  };
}

function toBanMessage({ subject, quarantine }: Ban): BanMessage {
  return { subject: toSubject(subject), quarantine: toQuarantineMessage(quarantine) };
}
