import type { MxcUri } from '@medley/domain/mxc-uri';
import type { MediaContent } from '@medley/proto/metadata/media';
import type { Requester } from '../auth/requester.ts';
import type { Gateway } from '../gateway.ts';
import type { Tenant } from '../tenants.ts';
import { prepareThumbnails } from '../usecases/prepare-thumbnails.ts';
import type { StoredSubject } from './scanning.ts';

interface Uploader {
  readonly tenant: Tenant;
  readonly requester: Requester;
}

/** An upload as it may be recorded. */
export interface AdmittedUpload {
  readonly content: MediaContent;
  /** Whether nobody may have it before the scanner has judged it. */
  readonly awaitsVerdict: boolean;
}

/** Decides on an upload. Fails as Scanning.admitUpload does. */
export async function admitUpload(gateway: Gateway, uploader: Uploader, content: MediaContent): Promise<AdmittedUpload> {
  const { isScanned } = gateway.policies.of(uploader);
  return { content, awaitsVerdict: await gateway.scanning.admitUpload(toUploadSubject(uploader, content), isScanned) };
}

/** Begins what nobody waits for, once an upload is recorded: the scan that it awaits, or its thumbnails. */
export function followUpload(gateway: Gateway, uploader: Uploader, { content, awaitsVerdict }: AdmittedUpload): void {
  if (awaitsVerdict) gateway.scanning.begin(toUploadSubject(uploader, content));
  else prepareThumbnails(gateway, content);
}

/** Has looked at what has come from another server. Fails as Scanning.admitRemote does. */
export function admitRemote(gateway: Gateway, uri: MxcUri, content: Omit<MediaContent, 'frozen'>): Promise<void> {
  return gateway.scanning.admitRemote(uri, { ...toSubject(content), origin: uri.origin });
}

function toUploadSubject({ tenant, requester }: Uploader, content: MediaContent): StoredSubject {
  return { ...toSubject(content), origin: tenant.serverName, userId: requester.userId };
}

function toSubject({ digest, sizeBytes, contentType, uploadName, store }: Omit<MediaContent, 'frozen'>): Omit<StoredSubject, 'origin'> {
  return { digest, sizeBytes, contentType, uploadName, store };
}
