/** A header value like `type; name=value; name="value"`. */
export interface ParameterizedValue {
  /** What comes before the first semicolon, in lower case. */
  readonly essence: string;
  /** By their names in lower case; of two the first counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g;

/** Reads such a value as tolerantly as can be: what is no parameter is passed over. In time linear to its length. */
export function parseParameters(value: string): ParameterizedValue {
  const [essence = ''] = value.split(';', 1);
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, bare = ''] of value.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted === undefined ? bare.trim() : quoted.replace(/\\(.)/g, '$1'));
  }
  return { essence: essence.trim().toLowerCase(), parameters };
}
