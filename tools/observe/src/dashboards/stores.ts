import type { Dashboard } from './dashboard.ts';
import { ofService, quantile, rate, series, sum } from './promql.ts';

const DATABASES = 'store=~"mongodb|sqlite"';
const BLOB_STORES = 'store=~"s3|filesystem"';

/** Where media is kept: bytes and records. */
export const stores: Dashboard = {
  uid: 'medley-stores',
  title: 'Medley / Storage and metadata',
  panels: [
    { title: 'Calls to the blob store', unit: 'ops', description: 'S3 or the folder, by operation.', queries: [{ expr: sum(rate('medley_store_duration_count', BLOB_STORES), 'store, operation'), legend: '{{store}} {{operation}}' }] },
    { title: 'How long the blob store takes', unit: 's', description: 'p99; of reads until the first bytes.', queries: [{ expr: quantile(0.99, 'medley_store_duration', { by: 'store, operation', labels: BLOB_STORES }), legend: '{{store}} {{operation}}' }] },
    { title: 'Calls to the database', unit: 'ops', description: 'By command.', queries: [{ expr: sum(rate('medley_store_duration_count', DATABASES), 'store, operation'), legend: '{{store}} {{operation}}' }] },
    { title: 'How long the database takes', unit: 's', description: 'p99.', queries: [{ expr: quantile(0.99, 'medley_store_duration', { by: 'store, operation', labels: DATABASES }), legend: '{{store}} {{operation}}' }] },
    { title: 'Calls to stores that failed', unit: 'ops', description: 'By store and failure. NOT_FOUND is an answer.', queries: [{ expr: `${sum(rate('medley_store_duration_count', 'outcome!="done"'), 'store, outcome')} or vector(0)`, legend: '{{store}} {{outcome}}' }] },
    { title: 'Dependencies', unit: 'short', description: '1: there; 0: away.', queries: [{ expr: ofService(series('medley_dependency_up')), legend: '{{service}} → {{dependency}}' }] },
    { title: 'Transfers', unit: 'short', description: 'Over the data port, under way.', queries: [{ expr: series('medley_storage_transfers'), legend: '{{instance}}' }] },
    { title: 'Bytes of the data port', unit: 'Bps', description: 'In and out.', queries: [{ expr: sum(rate('medley_http_bytes_total', 'server="data"'), 'direction'), legend: '{{direction}}' }] },
    { title: 'Blobs with faults', unit: 'short', description: 'By kind, found while they were read. Each is a loss: see data safety.', queries: [{ expr: sum(series('medley_gateway_blob_faults_total'), 'fault'), legend: '{{fault}}' }] },
    { title: 'File descriptors', unit: 'percentunit', description: 'Of those that may be open.', queries: [{ expr: ofService(`${series('process_open_fds')} / ${series('process_max_fds')}`), legend: '{{service}} {{instance}}' }] },
  ],
};
