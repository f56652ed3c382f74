import type { Dashboard } from './dashboard.ts';
import { ofService, quantile, rate, series, sum } from './promql.ts';

const OURS = 'rpc_method=~"medley.*"';

/** Who calls whom between the services. */
export const grpc: Dashboard = {
  uid: 'medley-grpc',
  title: 'Medley / gRPC',
  panels: [
    { title: 'Calls from each service', unit: 'ops', description: 'By caller and method.', queries: [{ expr: sum(ofService(rate('rpc_client_call_duration_count', OURS)), 'service, rpc_method'), legend: '{{service}} → {{rpc_method}}' }] },
    { title: 'Calls that failed', unit: 'ops', description: 'As callers see them. NOT_FOUND and the like are answers; UNAVAILABLE, INTERNAL and DEADLINE_EXCEEDED are not.', queries: [{ expr: `${sum(ofService(rate('rpc_client_call_duration_count', 'rpc_status_code!="OK"')), 'service, rpc_method, rpc_status_code')} or vector(0)`, legend: '{{service}} → {{rpc_method}} {{rpc_status_code}}' }] },
    { title: 'How long callers wait', unit: 's', description: 'p99 by method. Streams last as long as what they carry.', queries: [{ expr: quantile(0.99, 'rpc_client_call_duration', { by: 'rpc_method', labels: OURS }), legend: '{{rpc_method}}' }] },
    { title: 'How long answers take', unit: 's', description: 'p99 by method. Far less than callers wait means that the way, or the queue, is slow.', queries: [{ expr: quantile(0.99, 'rpc_server_call_duration', { by: 'rpc_method', labels: OURS }), legend: '{{rpc_method}}' }] },
    { title: 'Calls under way', unit: 'short', description: 'By service.', queries: [{ expr: sum(series('medley_rpc_running'), 'service'), legend: '{{service}}' }] },
    { title: 'How even the load is', unit: 'short', description: 'The busiest replica by the mean of all, by method. Near 1 is even; near the number of replicas all calls go to one.', queries: [{ expr: `max by (rpc_method) (${rate('rpc_server_call_duration_count', OURS)}) / avg by (rpc_method) (${rate('rpc_server_call_duration_count', OURS)})`, legend: '{{rpc_method}}' }] },
  ],
};
