import type { RemoteMedia } from './fake-remote.ts';

export interface MultipartAnswer {
  /** The value of the answer's Content-Type. */
  readonly contentType: string;
  readonly body: Buffer;
}

const BOUNDARY = 'c3b1b5f2a0d94c6f8f5e7b9d1a2c3e4f';

/** Media in the form of the federation API (server-server API, “Content Repository”), byte by byte as Synapse writes it. */
export function toMultipart({ bytes, contentType, uploadName }: RemoteMedia, boundary = BOUNDARY): MultipartAnswer {
  const headers = [
    ...(contentType === undefined ? [] : [`Content-Type: ${contentType}`]),
    ...(uploadName === undefined ? [] : [`Content-Disposition: inline; filename*=utf-8''${encodeURIComponent(uploadName)}`]),
  ];
  return joinParts([['Content-Type: application/json'], '{}'], [headers, bytes], boundary);
}

/** Media whose bytes are elsewhere. */
export function toRedirect(location: string, boundary = BOUNDARY): MultipartAnswer {
  return joinParts([['Content-Type: application/json'], '{}'], [[`Location: ${location}`], ''], boundary);
}

type Part = readonly [headers: readonly string[], body: string | Uint8Array];

function joinParts(first: Part, second: Part, boundary: string): MultipartAnswer {
  const parts = [first, second].flatMap(([headers, body]) => [`\r\n--${boundary}\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`, body]);
  return {
    contentType: `multipart/mixed; boundary=${boundary}`,
    body: Buffer.concat([...parts, `\r\n--${boundary}--\r\n`].map((piece) => Buffer.from(piece))),
  };
}
