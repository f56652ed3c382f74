import { hash } from 'node:crypto';

/** In characters, of which none takes more than three bytes; metadata takes 512. */
const MAX_LENGTH = 160;

/** The name of a bucket: a longer one is told as its hash. */
export function toBucketName(text: string): string {
  return text.length > MAX_LENGTH ? hash('sha256', text) : text;
}
