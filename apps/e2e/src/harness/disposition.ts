/** A parsed `Content-Disposition`. */
export interface Disposition {
  readonly type: string;
  /** From `filename*` where there is one, else from `filename`. */
  readonly name: string | undefined;
}

const PARAMETER = /;\s*([a-zA-Z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g;

/** Parses by RFC 6266 and 8187, as strictly as clients do. Throws if anything in the header is not understood. */
export function parseDisposition(header: string | undefined): Disposition {
  const [type = ''] = (header ?? '').split(';', 1);
  const rest = (header ?? '').slice(type.length);
  if (rest.replace(PARAMETER, '') !== '') throw new Error(`not a Content-Disposition: ${header}`);
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, token] of rest.matchAll(PARAMETER)) {
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  const extended = parameters.get('filename*');
  return { type, name: extended === undefined ? parameters.get('filename') : decodeExtended(extended) };
}

function decodeExtended(value: string): string {
  const encoded = /^utf-8'[A-Za-z-]*'([!#$&+.^_`|~0-9A-Za-z%-]*)$/i.exec(value)?.[1];
  if (encoded === undefined) throw new Error(`not an extended value: ${value}`);
  return decodeURIComponent(encoded);
}
