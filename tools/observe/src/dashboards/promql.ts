/** The routes that bring media to clients and to other servers. */
export const DOWNLOADS = 'http_route=~"getContent.*"';
export const UPLOADS = 'http_route=~"uploadContent.*"';
export const FAILED = 'http_response_status_code=~"5.."';
const WINDOW = '$__rate_interval';

/** The series of a metric, of the namespace that was chosen. */
export function series(name: string, labels = ''): string {
  return `${name}{namespace=~"$namespace"${labels === '' ? '' : `,${labels}`}}`;
}

/** How fast a counter grows, per second. */
export function rate(name: string, labels = ''): string {
  return `rate(${series(name, labels)}[${WINDOW}])`;
}

/** Sums by labels, or over everything. */
export function sum(expr: string, by = ''): string {
  return by === '' ? `sum(${expr})` : `sum by (${by}) (${expr})`;
}

/** The same, but 0 where there is nothing to be summed: of failures there may have been none. */
export function sumOrNone(expr: string): string {
  return `(sum(${expr}) or vector(0))`;
}

/** A quantile of a histogram, by labels. `name` goes without `_bucket`. */
export function quantile(q: number, name: string, { by = '', labels = '' }: { readonly by?: string; readonly labels?: string } = {}): string {
  return `histogram_quantile(${q}, ${sum(rate(`${name}_bucket`, labels), by === '' ? 'le' : `le, ${by}`)})`;
}

/** How long it took on average, by labels. */
export function mean(name: string, by: string, labels = ''): string {
  return `${sum(rate(`${name}_sum`, labels), by)} / ${sum(rate(`${name}_count`, labels), by)}`;
}

/** A metric of a process with the name of its service, whatever the job of Prometheus is called. */
export function ofService(expr: string): string {
  return `${expr} * on (job, instance) group_left (service) ${series('medley_build_info')}`;
}
