import { MediaError } from '@medley/domain/media-error';

/** `GET /_matrix/app/v1/users/{userId}`: an appservice that only listens has no users. */
export async function queryUserById(): Promise<void> {
  throw new MediaError('NOT_FOUND', 'No such user');
}

/** `GET /_matrix/app/v1/rooms/{roomAlias}`: nor has it rooms. */
export async function queryRoomByAlias(): Promise<void> {
  throw new MediaError('NOT_FOUND', 'No such room');
}
