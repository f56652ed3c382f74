import { faultPoint } from '@medley/fault-points/fault-point';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { MediaContent, MediaRecord } from '@medley/proto/metadata/media';
import type { Requester } from '../auth/requester.ts';
import type { Gateway } from '../gateway.ts';
import type { RequestBody } from '../http/parse/request-body.ts';
import type { Tenant } from '../tenants.ts';
import { toKey } from '../cache/records.ts';
import { prepareThumbnails } from './prepare-thumbnails.ts';
import { requireRecord } from './require-record.ts';
import { storeBody } from './store-body.ts';

/** What an uploader sends. */
export interface Upload {
  readonly contentType: string;
  readonly uploadName: string | undefined;
  readonly body: RequestBody;
}

export interface Uploader {
  readonly tenant: Tenant;
  readonly requester: Requester;
  /** Aborts when the uploader leaves. */
  readonly signal: AbortSignal;
}

/** Stores a body and gives it a new mxc URI. Once it is stored it is recorded, also if the uploader has left. */
export async function uploadMedia(gateway: Gateway, { tenant, requester, signal }: Uploader, upload: Upload): Promise<MediaRecord> {
  const content = await storeContent(gateway, upload, signal);
  const { record } = await gateway.services.metadata.recordUpload({ origin: tenant.serverName, userId: requester.userId, content });
  prepareThumbnails(gateway, content);
  return requireRecord(record);
}

/** Stores the body of a reserved media id. Claim, store, commit: of several uploads the first to commit wins. */
export async function uploadToMedia(gateway: Gateway, { requester, signal }: Uploader, uri: MxcUri, readUpload: () => Upload): Promise<void> {
  const { metadata } = gateway.services;
  const key = toKey(uri);
  const { claim } = await metadata.claimUpload({ key, userId: requester.userId, claimMs: gateway.config.uploads.max_duration }, { signal });
  await faultPoint('gateway.upload.claimed');
  try {
    const content = await storeContent(gateway, readUpload(), signal);
    await metadata.commitUpload({ key, userId: requester.userId, content });
    prepareThumbnails(gateway, content);
  } catch (error) {
    await metadata.abandonUpload({ key, claim }).catch((cause: unknown) => {
      gateway.log.warn({ err: cause }, 'a claim could not be given back; it lapses by itself');
    });
    throw error;
  }
}

async function storeContent(gateway: Gateway, upload: Upload, signal: AbortSignal): Promise<MediaContent> {
  const { digest, sizeBytes } = await storeBody(gateway, upload.body, signal);
  await faultPoint('gateway.upload.stored');
  return {
    digest,
    sizeBytes,
    contentType: upload.contentType,
    uploadName: upload.uploadName,
    frozen: gateway.config.freezeUnauthenticated,
  };
}
