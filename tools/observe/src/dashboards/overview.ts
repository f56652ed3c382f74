import type { Dashboard } from './dashboard.ts';
import { DOWNLOADS, FAILED, ofService, quantile, rate, series, sum, sumOrNone, UPLOADS } from './promql.ts';

const COUNT = 'http_server_request_duration_count';

function failedPart(routes: string): string {
  return `${sumOrNone(rate(COUNT, `${routes},${FAILED}`))} / ${sum(rate(COUNT, routes))}`;
}

/** What users notice. */
export const overview: Dashboard = {
  uid: 'medley-overview',
  title: 'Medley / Overview',
  panels: [
    { title: 'Downloads that failed', unit: 'percentunit', isStat: true, description: 'Of downloads and thumbnails. The objective is below 0.1 %.', queries: [{ expr: failedPart(DOWNLOADS), legend: 'failed' }] },
    { title: 'Uploads that failed', unit: 'percentunit', isStat: true, description: 'The objective is below 0.1 %.', queries: [{ expr: failedPart(UPLOADS), legend: 'failed' }] },
    { title: 'Dependencies away', unit: 'short', isStat: true, description: 'What a service needs and does not have. Should be 0.', queries: [{ expr: `count(${series('medley_dependency_up')} == 0) or vector(0)`, legend: 'away' }] },
    { title: 'Blobs with faults', unit: 'short', isStat: true, description: 'Media whose bytes are gone or damaged, found while it was read. Should be 0.', queries: [{ expr: sum(series('medley_gateway_blob_faults_total')), legend: 'faults' }] },
    { title: 'Requests', unit: 'reqps', description: 'By route.', queries: [{ expr: sum(rate(COUNT), 'http_route'), legend: '{{http_route}}' }] },
    { title: 'Answers', unit: 'reqps', description: 'By status. Much of 5xx is ours to mend, of 429 a limit.', queries: [{ expr: sum(rate(COUNT), 'http_response_status_code'), legend: '{{http_response_status_code}}' }] },
    { title: 'First byte of media', unit: 's', description: 'How long a requester waits, without what comes from memory.', queries: [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, 'medley_http_first_byte'), legend: `p${q * 100}` })) },
    { title: 'Bytes', unit: 'Bps', description: 'Over HTTP, in and out.', queries: [{ expr: sum(rate('medley_http_bytes_total', 'server="gateway"'), 'direction'), legend: '{{direction}}' }] },
    { title: 'Memory', unit: 'percentunit', description: 'Of what each process may take. Over 85 % it may soon be killed.', queries: [{ expr: ofService(`${series('process_resident_memory_bytes')} / ${series('medley_memory_limit_bytes')}`), legend: '{{service}} {{instance}}' }] },
    { title: 'CPU', unit: 'short', description: 'Cores in use.', queries: [{ expr: ofService(rate('process_cpu_seconds_total')), legend: '{{service}} {{instance}}' }] },
    { title: 'Processes', unit: 'short', description: 'By service and version.', queries: [{ expr: `count by (service, version) (${series('medley_build_info')})`, legend: '{{service}} {{version}}' }] },
  ],
};
