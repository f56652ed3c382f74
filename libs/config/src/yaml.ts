import { parse } from 'yaml';

/** Reads YAML 1.2, of which JSON is a part. Throws where it is none. */
export function parseYaml(text: string): unknown {
  return parse(text);
}
