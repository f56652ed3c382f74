import type { Series } from './series.ts';

const OURS = /\b(?:medley|http|rpc|process|nodejs)_\w+/g;
const SELECTOR = /\b([a-zA-Z_]\w*)\{([^}]*)\}/g;
/** What Prometheus, or whoever runs it, adds. */
const ADDED: ReadonlySet<string> = new Set(['job', 'instance', 'namespace', 'le']);

/** What a query asks for that no scrape has: metrics, or labels of metrics. Names that recording rules make have colons, and are none of these. */
export function missingNames(query: string, series: readonly Series[]): readonly string[] {
  const labelsOf = new Map<string, Set<string>>();
  for (const { name, labels } of series) {
    const known = labelsOf.get(name) ?? new Set();
    Object.keys(labels).forEach((label) => known.add(label));
    labelsOf.set(name, known);
  }
  const plain = query.replaceAll(/medley:[\w:]+/g, '');
  const metrics = plain.replaceAll(/\{[^}]*\}/g, ' ').replaceAll(/\b(by|on|group_left|without)\s*\([^)]*\)/g, ' ').match(OURS) ?? [];
  const missing = metrics.filter((name) => !labelsOf.has(name));
  for (const [, name = '', matchers = ''] of plain.matchAll(SELECTOR)) {
    for (const [, label = ''] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      if (!ADDED.has(label) && labelsOf.get(name)?.has(label) === false) missing.push(`${name}{${label}}`);
    }
  }
  const anywhere = new Set(metrics.flatMap((name) => [...(labelsOf.get(name) ?? [])]));
  for (const [, , list = ''] of plain.matchAll(/\b(by|on|group_left)\s*\(([^)]*)\)/g)) {
    for (const label of list.split(',').map((one) => one.trim())) if (label !== '' && !ADDED.has(label) && !anywhere.has(label)) missing.push(label);
  }
  return [...new Set(missing)];
}
