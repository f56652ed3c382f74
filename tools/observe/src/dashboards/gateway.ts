import type { Dashboard } from './dashboard.ts';
import { mean, ofService, quantile, rate, series, sum } from './promql.ts';

/** The service that speaks HTTP: what it is asked, and how it keeps up. */
export const gateway: Dashboard = {
  uid: 'medley-gateway',
  title: 'Medley / Gateway',
  panels: [
    { title: 'How long requests take', unit: 's', description: 'To the last byte; a slow reader counts.', queries: [{ expr: quantile(0.99, 'http_server_request_duration', { by: 'http_route', labels: 'http_route!=""' }), legend: '{{http_route}} p99' }] },
    { title: 'First byte of media', unit: 's', description: 'By route.', queries: [{ expr: quantile(0.95, 'medley_http_first_byte', { by: 'http_route' }), legend: '{{http_route}} p95' }] },
    { title: 'Requests under way', unit: 'short', description: 'Per process.', queries: [{ expr: series('medley_gateway_requests_running'), legend: '{{instance}}' }] },
    { title: 'Connections', unit: 'short', description: 'Per process.', queries: [{ expr: series('medley_http_connections', 'server="gateway"'), legend: '{{instance}}' }] },
    { title: 'Event loop in use', unit: 'percentunit', description: 'Scale the gateways before it stays above 70 %.', queries: [{ expr: ofService(series('nodejs_eventloop_utilization')), legend: '{{service}} {{instance}}' }] },
    { title: 'Event loop late', unit: 's', description: 'p99. Above 0.2 s everything waits.', queries: [{ expr: ofService(series('nodejs_eventloop_delay_seconds', 'quantile="0.99"')), legend: '{{service}} {{instance}}' }] },
    { title: 'Found in caches', unit: 'percentunit', description: 'Of what was looked for, by cache.', queries: [{ expr: `${sum(rate('medley_gateway_cache_lookups_total', 'result="hit"'), 'cache')} / ${sum(rate('medley_gateway_cache_lookups_total'), 'cache')}`, legend: '{{cache}}' }] },
    { title: 'Memory of caches', unit: 'bytes', description: 'Bounded by cache.max_bytes.', queries: [{ expr: sum(series('medley_gateway_cache_bytes'), 'cache'), legend: '{{cache}}' }] },
    { title: 'Uploads', unit: 'ops', description: 'By what became of them.', queries: [{ expr: sum(rate('medley_gateway_upload_duration_count'), 'outcome'), legend: '{{outcome}}' }] },
    { title: 'Storing an upload', unit: 's', description: 'From the first byte of the body until it is durable.', queries: [{ expr: quantile(0.95, 'medley_gateway_upload_duration'), legend: 'p95' }] },
    { title: 'Signatures of other servers', unit: 'ops', description: 'By what was found.', queries: [{ expr: sum(rate('medley_gateway_signature_duration_count'), 'outcome'), legend: '{{outcome}}' }] },
    { title: 'Checking a signature', unit: 's', description: 'With fetching the keys of its server, where they are not known.', queries: [{ expr: mean('medley_gateway_signature_duration', 'outcome'), legend: '{{outcome}} mean' }] },
    { title: 'Changes heard of', unit: 's', description: 'How long after an act (a quarantine, a deletion) a gateway follows it. Must stay below 2 s.', queries: [{ expr: series('medley_gateway_changes_age'), legend: '{{instance}} silent for' }, { expr: quantile(0.99, 'medley_gateway_changes_delay'), legend: 'delay p99' }] },
    { title: 'Jobs', unit: 'short', description: 'That run now.', queries: [{ expr: sum(series('medley_gateway_jobs_running')), legend: 'running' }] },
  ],
};
