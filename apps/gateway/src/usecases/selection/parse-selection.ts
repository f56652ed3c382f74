import { parseDigest } from '@medley/domain/digest';
import { MediaError } from '@medley/domain/media-error';
import { parseServerName } from '@medley/domain/server-name';
import type { MediaFilter } from '@medley/proto/metadata/catalog';
import { MediaKind, MediaState } from '@medley/proto/metadata/media';

/** Which media an admin means. */
export interface Selection {
  readonly filter: MediaFilter;
  /** Only what is used in this room, as the room index knows it. */
  readonly roomId: string | undefined;
}

/** Answers the values that were given under a name; none if it was not. */
export type ReadValues = (name: string) => readonly string[];

/** What a selection can say, in queries and in the filters of jobs. */
export const FILTER_NAMES = [
  'user', 'room', 'origin', 'kind', 'type', 'name', 'digest', 'min_size', 'max_size', 'created_after', 'created_before', 'unused_since',
  'state', 'quarantined', 'protected', 'lost',
] as const;
type FilterName = (typeof FILTER_NAMES)[number];

const KINDS = { local: MediaKind.LOCAL, remote: MediaKind.REMOTE, preview: MediaKind.PREVIEW } as const;
const STATES = { pending: MediaState.PENDING, available: MediaState.AVAILABLE } as const;
const BOOLEANS = { true: true, false: false } as const;
const USER_ID = /^@[^:\s]*:.+$/;

/** Reads a selection from its parts, each as text. Throws INVALID_PARAM. */
export function parseSelection(read: ReadValues): Selection {
  const one = (name: FilterName): string | undefined => readOne(read, name);
  const filter: MediaFilter = {
    kinds: read('kind').map((text) => oneOf('kind', KINDS, text)),
    origins: read('origin').map(parseServerName),
    userIds: read('user').map(parseUserId),
    digest: ifGiven(one('digest'), parseDigest),
    contentType: one('type'),
    uploadName: one('name'),
    minSizeBytes: ifGiven(one('min_size'), (text) => parseWhole('min_size', text)),
    maxSizeBytes: ifGiven(one('max_size'), (text) => parseWhole('max_size', text)),
    createdFromMs: ifGiven(one('created_after'), (text) => parseWhole('created_after', text)),
    createdBeforeMs: ifGiven(one('created_before'), (text) => parseWhole('created_before', text)),
    unusedSinceMs: ifGiven(one('unused_since'), (text) => parseWhole('unused_since', text)),
    state: ifGiven(one('state'), (text) => oneOf('state', STATES, text)),
    quarantined: ifGiven(one('quarantined'), (text) => oneOf('quarantined', BOOLEANS, text)),
    protected: ifGiven(one('protected'), (text) => oneOf('protected', BOOLEANS, text)),
    lost: ifGiven(one('lost'), (text) => oneOf('lost', BOOLEANS, text)),
  };
  return { filter, roomId: ifGiven(one('room'), parseRoomId) };
}

/** Reads a whole number that is not negative. Throws INVALID_PARAM. */
export function parseWhole(name: string, text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new MediaError('INVALID_PARAM', `${name} must be a whole number`);
  return Number(text);
}

/** Reads one of a few words. Throws INVALID_PARAM, and names them. */
export function oneOf<Value>(name: string, words: Readonly<Record<string, Value>>, text: string): Value {
  const value = Object.hasOwn(words, text) ? words[text] : undefined;
  if (value === undefined) throw new MediaError('INVALID_PARAM', `${name} must be one of ${Object.keys(words).join(', ')}`);
  return value;
}

function readOne(read: ReadValues, name: FilterName): string | undefined {
  const values = read(name);
  if (values.length > 1) throw new MediaError('INVALID_PARAM', `${name} is given more than once`);
  return values[0];
}

function ifGiven<Value>(text: string | undefined, parse: (text: string) => Value): Value | undefined {
  return text === undefined ? undefined : parse(text);
}

function parseUserId(text: string): string {
  if (!USER_ID.test(text)) throw new MediaError('INVALID_PARAM', 'user must be a full Matrix user ID');
  return text;
}

function parseRoomId(text: string): string {
  if (!text.startsWith('!') || text.length > 255) throw new MediaError('INVALID_PARAM', 'room must be a room ID');
  return text;
}
