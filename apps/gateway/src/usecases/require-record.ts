import { MediaError } from '@medley/domain/media-error';

/** protobuf makes every message optional; ours are always there. Throws INTERNAL if one is not. */
export function requireRecord<Message>(message: Message | undefined): Message {
  if (message !== undefined) return message;
  throw new MediaError('INTERNAL', 'Internal error', { cause: new Error('a service left out a part of its answer') });
}
