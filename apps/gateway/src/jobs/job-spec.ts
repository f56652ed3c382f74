import { MediaError } from '@medley/domain/media-error';
import { MediaState } from '@medley/proto/metadata/media';
import { isObject, type JsonObject } from '../http/parse/json-body.ts';
import { isModerationAction, type ModerationAction } from '../usecases/moderate.ts';
import { FILTER_NAMES, parseSelection, type Selection } from '../usecases/selection/parse-selection.ts';

/** What a job does, and to what. */
export interface JobSpec {
  readonly action: ModerationAction;
  readonly selection: Selection;
  /** Count, and change nothing. */
  readonly dryRun: boolean;
  /** Whether also what is an avatar now is deleted. */
  readonly includeAvatars: boolean;
}

/** The options that a job can have besides its action and filter. */
export const JOB_OPTIONS = ['dry_run', 'include_avatars', 'include_protected', 'include_quarantined'] as const;
type JobOption = (typeof JOB_OPTIONS)[number];

/**
 * Reads what an admin has ordered: an action, a filter, options. Throws INVALID_PARAM, also for members of the filter that
 * nobody knows or that say nothing, since a job must never do more than was meant, and for an empty filter unless nothing is changed.
 */
export function parseJobSpec(action: string, order: JsonObject): JobSpec {
  if (!isModerationAction(action)) throw new MediaError('INVALID_PARAM', `Unknown action: ${JSON.stringify(action)}`);
  const filter = order['filter'] ?? {};
  if (!isObject(filter)) throw new MediaError('INVALID_PARAM', 'filter must be an object');
  const dryRun = readOption(order, 'dry_run');
  const unknown = Object.keys(filter).find((name) => !(FILTER_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new MediaError('INVALID_PARAM', `Unknown member of filter: ${unknown}`);
  const selection = parseSelection((name) => (Object.hasOwn(filter, name) ? requireSome(name, valuesOf(name, filter[name])) : []));
  if (action === 'restore' && selection.roomId !== undefined) throw new MediaError('INVALID_PARAM', 'The trash is not known by room');
  if (!dryRun && Object.keys(filter).length === 0) throw new MediaError('INVALID_PARAM', 'The filter is empty: this would be all media there is');
  return {
    action,
    selection: narrow(action, selection, { protected: readOption(order, 'include_protected'), quarantined: readOption(order, 'include_quarantined') }),
    dryRun,
    includeAvatars: readOption(order, 'include_avatars'),
  };
}

/** Leaves out what is so already, which also keeps a batch from being counted twice when it is done again, and what is not to be deleted. */
function narrow(action: ModerationAction, { filter, roomId }: Selection, includes: { readonly protected: boolean; readonly quarantined: boolean }): Selection {
  const standing = {
    quarantine: { quarantined: false, protected: false },
    release: { quarantined: true },
    protect: { protected: false },
    unprotect: { protected: true },
    delete: { ...(!includes.protected && { protected: false }), ...(!includes.quarantined && { quarantined: false }) },
    restore: {},
  }[action];
  const said = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  return { filter: { ...filter, state: MediaState.AVAILABLE, ...standing, ...said }, roomId };
}

/** Passes values that say something: an empty list, or text, would mean all media there is. */
function requireSome(name: string, values: readonly string[]): readonly string[] {
  if (values.length === 0 || values.includes('')) throw new MediaError('INVALID_PARAM', `${name} is empty`);
  return values;
}

/** The values of a member as a query would give them. */
function valuesOf(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesOf(name, one));
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  throw new MediaError('INVALID_PARAM', `${name} must be text, a number or a boolean`);
}

function readOption(order: JsonObject, name: JobOption): boolean {
  const value = order[name] ?? false;
  if (typeof value !== 'boolean') throw new MediaError('INVALID_PARAM', `${name} must be true or false`);
  return value;
}
