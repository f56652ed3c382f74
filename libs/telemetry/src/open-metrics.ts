import type { Exemplars } from './exemplars.ts';

export const OPEN_METRICS = 'application/openmetrics-text';

/**
 * Turns Prometheus' own text format, which knows no exemplars, into OpenMetrics 1.0: families of counters go without
 * `_total`, units go (there they must be a part of the name), exemplars come, and a last line says that this is all.
 */
export function toOpenMetrics(text: string, exemplars: Exemplars): string {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('# UNIT ')).map((line) => {
    if (line.startsWith('#')) return line.replace(/^(# \w+ \w+?)_total /, '$1 ');
    return line + exemplars.behind(line);
  });
  return `${lines.join('\n')}\n# EOF\n`;
}
