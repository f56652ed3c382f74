import { MediaError } from '@medley/domain/media-error';

/** What strangers are told of every failure of another server; `detail` is for operators. */
export function fetchFailed(detail: string, options?: ErrorOptions): MediaError {
  return new MediaError('FETCH_FAILED', 'The media could not be fetched from its server', { cause: new Error(detail, options) });
}

/** A server did not answer, or only to say that it cannot: it is left alone for a while. */
export class ServerDown extends MediaError {
  constructor(cause: unknown) {
    super('FETCH_FAILED', 'The media could not be fetched from its server', { cause });
  }
}

/** The refusal of media of more bytes than its caller takes. */
export function remoteTooLarge(maxBytes: number): MediaError {
  return new MediaError('REMOTE_TOO_LARGE', `The media is larger than ${maxBytes} bytes`);
}
