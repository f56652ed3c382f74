import type { Dashboard } from './dashboard.ts';
import { quantile, rate, series, sum } from './promql.ts';

/** What the two services that reach the Internet do there. */
export const internet: Dashboard = {
  uid: 'medley-internet',
  title: 'Medley / Federation and previews',
  panels: [
    { title: 'Media of other servers', unit: 'ops', description: 'Fetches by what came of them.', queries: [{ expr: sum(rate('medley_federation_fetch_duration_count'), 'outcome'), legend: '{{outcome}}' }] },
    { title: 'How long a fetch takes', unit: 's', description: 'From the first request until it is stored.', queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, 'medley_federation_fetch_duration'), legend: `p${q * 100}` })) },
    { title: 'Fetched bytes', unit: 'Bps', description: 'Of media.', queries: [{ expr: sum(rate('medley_federation_fetch_bytes_total')), legend: 'in' }] },
    { title: 'Under way', unit: 'short', description: 'Media being fetched, transfers, and fetches that wait for their turn.', queries: [{ expr: sum(series('medley_federation_fetch_flights')), legend: 'media' }, { expr: sum(series('medley_federation_fetch_transfers')), legend: 'transfers' }, { expr: sum(series('medley_federation_fetch_queued')), legend: 'waiting' }] },
    { title: 'Servers left alone', unit: 'short', description: 'They did not answer lately.', queries: [{ expr: series('medley_federation_fetch_backoffs'), legend: '{{instance}}' }] },
    { title: 'Disk on the way', unit: 'bytes', description: 'Bounded by federation.spool_bytes.', queries: [{ expr: series('medley_federation_fetch_spool_bytes'), legend: '{{instance}}' }] },
    { title: 'Requests to other servers', unit: 'ops', description: 'By how they went. ADDRESS_FORBIDDEN and URL_REFUSED are our rules.', queries: [{ expr: sum(rate('medley_federation_fetch_requests_total'), 'outcome'), legend: '{{outcome}}' }] },
    { title: 'Requests for previews', unit: 'ops', description: 'To pages and for images, by how they went.', queries: [{ expr: sum(rate('medley_url_preview_requests_total'), 'outcome'), legend: '{{outcome}}' }] },
    { title: 'Previews', unit: 'ops', description: 'By what came of them.', queries: [{ expr: sum(rate('medley_url_preview_duration_count'), 'outcome'), legend: '{{outcome}}' }] },
    { title: 'How long a preview takes', unit: 's', description: 'The wait for its turn included.', queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, 'medley_url_preview_duration'), legend: `p${q * 100}` })) },
    { title: 'Previews under way', unit: 'short', description: 'Being made, and waiting.', queries: [{ expr: sum(series('medley_url_preview_working')), legend: 'made' }, { expr: sum(series('medley_url_preview_queued')), legend: 'waiting' }] },
  ],
};
