import { faultPoint } from '@medley/fault-points/fault-point';
import type { MxcUri } from '@medley/domain/mxc-uri';
import type { MediaRecord } from '@medley/proto/metadata/media';
import type { Requester } from '../auth/requester.ts';
import type { Gateway } from '../gateway.ts';
import type { RequestBody } from '../http/parse/request-body.ts';
import type { Tenant } from '../tenants.ts';
import { toKey } from '../cache/records.ts';
import { admitUpload, followUpload, type AdmittedUpload } from '../scanning/admit-content.ts';
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
export async function uploadMedia(gateway: Gateway, uploader: Uploader, upload: Upload): Promise<MediaRecord> {
  const { tenant, requester } = uploader;
  await using room = await gateway.quotas.reserve(uploader, upload.body);
  const admitted = await storeContent(gateway, uploader, { ...upload, body: room.body });
  const { record } = await room.fill(() => gateway.services.metadata.recordUpload({ origin: tenant.serverName, userId: requester.userId, ...admitted }));
  followUpload(gateway, uploader, admitted);
  return requireRecord(record);
}

/** Stores the body of a reserved media id. Claim, store, commit: of several uploads the first to commit wins. */
export async function uploadToMedia(gateway: Gateway, uploader: Uploader, uri: MxcUri, readUpload: () => Upload): Promise<void> {
  const { requester, signal } = uploader;
  const { metadata } = gateway.services;
  const key = toKey(uri);
  const { claim } = await metadata.claimUpload({ key, userId: requester.userId, claimMs: gateway.config.uploads.max_duration }, { signal });
  await faultPoint('gateway.upload.claimed');
  try {
    const upload = readUpload();
    await using room = await gateway.quotas.reserve(uploader, upload.body);
    const admitted = await storeContent(gateway, uploader, { ...upload, body: room.body });
    await room.fill(() => metadata.commitUpload({ key, userId: requester.userId, ...admitted }));
    followUpload(gateway, uploader, admitted);
  } catch (error) {
    await metadata.abandonUpload({ key, claim }).catch((cause: unknown) => {
      gateway.log.warn({ err: cause }, 'a claim could not be given back; it lapses by itself');
    });
    throw error;
  }
}

async function storeContent(gateway: Gateway, uploader: Uploader, upload: Upload): Promise<AdmittedUpload> {
  const { store } = uploader.tenant;
  const { digest, sizeBytes } = await storeBody(gateway, upload.body, store, uploader.signal);
  await faultPoint('gateway.upload.stored');
  return admitUpload(gateway, uploader, {
    digest,
    sizeBytes,
    contentType: upload.contentType,
    uploadName: upload.uploadName,
    frozen: gateway.config.freezeUnauthenticated,
    store,
  });
}
