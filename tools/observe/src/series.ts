/** One series of a scrape. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The series of a scrape in Prometheus' text format. */
export function readSeries(scraped: string): readonly Series[] {
  return scraped.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const [, name = '', labels = ''] = /^([\w:]+)(?:\{(.*)\})? /.exec(line) ?? [];
    return { name, labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', value = '']) => [key, value])) };
  });
}

/** The metrics that are behind series: a histogram is one, not three. */
export function metricNames(series: readonly Series[]): ReadonlySet<string> {
  const names = new Set(series.map(({ name }) => name));
  return new Set([...names].map((name) => {
    const family = name.replace(/_(bucket|count|sum)$/, '');
    return family !== name && names.has(`${family}_bucket`) ? family : name;
  }));
}
