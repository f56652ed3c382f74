import { MediaError } from '@medley/domain/media-error';
import type { Job } from '@medley/proto/metadata/jobs';
import type { Gateway } from '../../gateway.ts';
import { JOB_OPTIONS, parseJobSpec } from '../../jobs/job-spec.ts';
import type { TenantName } from '../../tenants.ts';
import { requireRecord } from '../../usecases/require-record.ts';
import type { AuthenticatedExchange } from '../exchange.ts';
import { requirePart } from '../parse/path.ts';
import { answer } from './answer.ts';
import { parsePage, parseReason } from './parse-page.ts';
import { readOrder } from './read-order.ts';
import { jobToJson } from './to-json.ts';

/** So that a page of jobs with the longest of filters fits into one message. */
const MAX_JOBS = 100;

/** `POST /_medley/v1/jobs`: orders work that takes longer than a request; 202 with the job, which runs by itself. */
export async function createJob(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { requester, signal, tenant } = exchange;
  const { action, reason, ...order } = await readOrder(exchange, gateway, ['action', 'filter', 'reason', ...JOB_OPTIONS]);
  if (typeof action !== 'string') throw new MediaError('MISSING_PARAM', 'Missing parameter: action');
  parseJobSpec(action, order);
  const options = Object.fromEntries(JOB_OPTIONS.map((name) => [name, order[name] ?? false]));
  const input = JSON.stringify({ filter: order['filter'] ?? {}, ...options });
  const request = { action, input, by: requester.userId, reason: parseReason(reason), origin: tenant.serverName };
  const { job } = await gateway.services.metadata.createJob(request, { signal });
  gateway.newJobs.ring();
  answer(exchange, jobToJson(requireRecord(job)), 202);
}

/** `GET /_medley/v1/jobs`: this tenant's, or for a global admin all, newest first. */
export async function listJobs(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { query, signal, tenant } = exchange;
  const { limit, after } = parsePage(query);
  const { jobs, next } = await gateway.services.metadata.listJobs({ states: [], limit: Math.min(limit, MAX_JOBS), after }, { signal });
  answer(exchange, { jobs: jobs.filter((job) => isOrderedBy(tenant, job)).map(jobToJson), next });
}

/** `GET /_medley/v1/jobs/{jobId}`: what it is to do, and how far it is. */
export async function getJob(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  answer(exchange, jobToJson(await requireJob(exchange, gateway)));
}

/** `DELETE /_medley/v1/jobs/{jobId}`: ends it after the batch under way; what is done stays done. */
export async function cancelJob(exchange: AuthenticatedExchange, gateway: Gateway): Promise<void> {
  const { id } = await requireJob(exchange, gateway);
  const { job } = await gateway.services.metadata.cancelJob({ id }, { signal: exchange.signal });
  answer(exchange, jobToJson(requireRecord(job)));
}

/** Fails with NOT_FOUND, also for another tenant's. */
async function requireJob({ params, signal, tenant }: AuthenticatedExchange, { services }: Gateway): Promise<Job> {
  const { job } = await services.metadata.getJob({ id: requirePart(params, 'jobId') }, { signal });
  if (job === undefined || !isOrderedBy(tenant, job)) throw new MediaError('NOT_FOUND', 'No such job');
  return job;
}

function isOrderedBy({ serverName, seesAll }: TenantName, { origin }: Job): boolean {
  return seesAll === true || origin === serverName;
}
