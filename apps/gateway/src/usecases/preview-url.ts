import { createHash } from 'node:crypto';
import { isMediaErrorReason, MediaError } from '@medley/domain/media-error';
import type { UrlPreview } from '@medley/proto/metadata';
import type { Requester } from '../auth/requester.ts';
import type { Gateway } from '../gateway.ts';
import type { Tenant } from '../tenants.ts';
import { makePreview, type PreviewTask } from './make-preview.ts';

/** What somebody wants to know of a URL. */
export interface PreviewQuery {
  /** As parsePreviewUrl answers it. */
  readonly url: string;
  /** The preferred point in time, in Unix milliseconds. */
  readonly at: number | undefined;
  /** The value of a header; empty for the configured one. */
  readonly acceptLanguage: string;
  readonly wantsLogo: boolean;
}

export interface PreviewAsker {
  readonly tenant: Tenant;
  readonly requester: Requester;
  /** Aborts when the requester leaves. */
  readonly signal: AbortSignal;
}

/** Whether users of a tenant may have URL previews. */
export function arePreviewsEnabled({ config }: Gateway, tenant: Tenant): boolean {
  return config.previews.enabled && tenant.hasPreviews;
}

/**
 * The preview of a URL as JSON: one that is kept from the time asked for, else a present one, else a new one, made once
 * for all who ask for it here. Fails with FETCH_FAILED, also for a while after somebody else has met that, and with BUSY.
 */
export async function previewUrl(gateway: Gateway, { tenant, requester, signal }: PreviewAsker, query: PreviewQuery): Promise<string> {
  const task: PreviewTask = { ...query, key: toKey(tenant, query), origin: tenant.serverName, userId: requester.userId };
  const past = query.at === undefined || query.at >= Date.now() ? undefined : await lookUp(gateway, task.key, query.at);
  if (past !== undefined && !past.failed) return past.body;
  return gateway.previews.join(task.key, requester.userId, async () => {
    const kept = await lookUp(gateway, task.key, Date.now());
    return kept === undefined ? makePreview(gateway, task) : readKept(kept);
  }, signal);
}

/** All that an answer depends on. Images belong to a tenant, so previews do. */
function toKey({ serverName }: Tenant, { url, acceptLanguage, wantsLogo }: PreviewQuery): string {
  return createHash('sha256').update(JSON.stringify([serverName, url, acceptLanguage, wantsLogo])).digest('hex');
}

async function lookUp({ services }: Gateway, key: string, atMs: number): Promise<UrlPreview | undefined> {
  return (await services.metadata.getUrlPreview({ key, atMs })).preview;
}

function readKept({ body, failed }: UrlPreview): string {
  if (!failed) return body;
  const { reason, message } = JSON.parse(body) as { readonly reason: string; readonly message: string }; // as makePreview wrote it
  throw new MediaError(isMediaErrorReason(reason) ? reason : 'FETCH_FAILED', message);
}
