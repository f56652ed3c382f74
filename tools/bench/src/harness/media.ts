import type { Medley } from './medley.ts';

/** Uploads a body as a user does; returns its media id. */
export async function upload(medley: Medley, body: Uint8Array, contentType = 'application/octet-stream'): Promise<string> {
  const response = await fetch(`${medley.url}/_matrix/media/v3/upload?filename=photo.jpg`, {
    method: 'POST',
    headers: { ...bearer(medley), 'content-type': contentType },
    body: Buffer.from(body),
  });
  return readMediaId(await readJson(response));
}

/** Reserves a media id whose body comes later. */
export async function reserve(medley: Medley): Promise<string> {
  const response = await fetch(`${medley.url}/_matrix/media/v1/create`, { method: 'POST', headers: bearer(medley) });
  return readMediaId(await readJson(response));
}

export function downloadPath(medley: Medley, mediaId: string): string {
  return `/_matrix/client/v1/media/download/${medley.serverName}/${mediaId}`;
}

export function bearer(medley: Medley): Record<string, string> {
  return { authorization: `Bearer ${medley.token}` };
}

async function readJson(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text();
  if (!response.ok) throw new Error(`status ${response.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

function readMediaId(answer: Readonly<Record<string, unknown>>): string {
  return String(answer['content_uri']).split('/').at(-1) ?? '';
}
