import type { Dashboard } from './dashboard.ts';
import { ofService, quantile, rate, series, sum } from './promql.ts';

/** Whether there are enough thumbnailers. */
export const thumbnails: Dashboard = {
  uid: 'medley-thumbnails',
  title: 'Medley / Thumbnails',
  panels: [
    { title: 'Saturation', unit: 'short', description: 'Work by slots: at 1 all slots are busy and none waits. Scale at 0.7.', queries: [{ expr: series('medley_thumbnail_saturation'), legend: '{{instance}}' }] },
    { title: 'Slots', unit: 'short', description: 'Busy, and there.', queries: [{ expr: sum(series('medley_thumbnail_slots_busy')), legend: 'busy' }, { expr: sum(series('medley_thumbnail_slots_limit')), legend: 'there' }] },
    { title: 'Waiting', unit: 'short', description: 'Thumbnails without a slot.', queries: [{ expr: series('medley_thumbnail_queue_length'), legend: '{{instance}}' }] },
    { title: 'How long they wait', unit: 's', description: 'For a slot.', queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, 'medley_thumbnail_wait_duration'), legend: `p${q * 100}` })) },
    { title: 'Jobs', unit: 'ops', description: 'Sources decoded, by what came of it.', queries: [{ expr: sum(rate('medley_thumbnail_job_duration_count'), 'outcome'), legend: '{{outcome}}' }] },
    { title: 'How long a job takes', unit: 's', description: 'Reading and decoding one source; all sizes come of one job.', queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, 'medley_thumbnail_job_duration'), legend: `p${q * 100}` })) },
    { title: 'What requesters see', unit: 's', description: 'Thumbnail requests to their last byte.', queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, 'http_server_request_duration', { labels: 'http_route=~"getContentThumbnail.*"' }), legend: `p${q * 100}` })) },
    { title: 'CPU of thumbnailers', unit: 'short', description: 'Cores in use by the process that leads; decoders are processes of their own.', queries: [{ expr: `${ofService(rate('process_cpu_seconds_total'))} and on (job, instance) ${series('medley_thumbnail_slots_limit')}`, legend: '{{instance}}' }] },
  ],
};
