import { MediaError } from '@medley/domain/media-error';

/** A part of the path, percent-decoded. Throws INVALID_PARAM where it is empty or not UTF-8. */
export function requirePart(params: Readonly<Record<string, string>>, name: string): string {
  const text = params[name] ?? '';
  if (text === '') throw new MediaError('INVALID_PARAM', `The path has no ${name}`);
  return text;
}

/** Percent-decodes the parts of a matched path. Throws INVALID_PARAM for what is not UTF-8. */
export function decodeParts(raw: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(raw).map(([name, text]) => [name, decodePart(name, text)]));
}

function decodePart(name: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new MediaError('INVALID_PARAM', `${name} is not percent-encoded UTF-8`, { cause: error });
  }
}
