import { readFile } from 'node:fs/promises';
import { parseYaml } from '@medley/config/yaml';
import { RULES } from './dashboards/generate.ts';

/** A recording rule or an alert. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The rules that stand in deploy/prometheus. */
export async function readRules(): Promise<readonly Rule[]> {
  const { groups } = parseYaml(await readFile(RULES, 'utf8')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}
