import type { Dashboard } from './dashboard.ts';
import { rate, series, sum, sumOrNone } from './promql.ts';

const COUNT = 'http_server_request_duration_count';

/** Who is turned away, and why. */
export const limits: Dashboard = {
  uid: 'medley-limits',
  title: 'Medley / Limits',
  panels: [
    { title: 'Answers of 429', unit: 'reqps', description: 'By route.', queries: [{ expr: `${sum(rate(COUNT, 'http_response_status_code="429"'), 'http_route')} or vector(0)`, legend: '{{http_route}}' }] },
    { title: 'Refused by a rate limit', unit: 'ops', description: 'By class.', queries: [{ expr: sum(rate('medley_rate_limited_total'), 'class'), legend: '{{class}}' }] },
    { title: 'Refused by a quota', unit: 'ops', description: 'Uploads of those who have had their share.', queries: [{ expr: sum(rate('medley_quota_refused_total')), legend: 'refused' }] },
    { title: 'Shed', unit: 'ops', description: 'Refused for want of room, by what there was too much of. Scale before it lasts.', queries: [{ expr: sum(rate('medley_shed_total'), 'reason'), legend: '{{reason}}' }] },
    { title: 'Standing delay', unit: 's', description: 'How long everything waits for its turn in a gateway.', queries: [{ expr: series('medley_gateway_delay'), legend: '{{instance}}' }] },
    { title: 'Media of other servers', unit: 'ops', description: 'Fetches refused since retention.max_remote_bytes is exceeded.', queries: [{ expr: sum(rate('medley_gateway_remote_refused_total')), legend: 'refused' }] },
    { title: 'Answers of 503', unit: 'reqps', description: 'What is not there, or has no room.', queries: [{ expr: sumOrNone(rate(COUNT, 'http_response_status_code="503"')), legend: 'all routes' }] },
  ],
};
