import { homeservers } from '@medley/config/homeserver';
import { MediaError } from '@medley/domain/media-error';
import { matches } from '@medley/maintenance/matches';
import type { ListMediaRequest, ListMediaResponse } from '@medley/proto/metadata/catalog';
import { JobState, type Job, type ListJobsRequest, type TakeLeaseRequest, type UpdateJobRequest } from '@medley/proto/metadata/jobs';
import { MediaState, type MediaKey, type MediaRecord } from '@medley/proto/metadata/media';
import { MediaUseKind } from '@medley/proto/metadata/rooms';
import { quietTelemetry } from '@medley/testing/telemetry';
import type { Gateway } from '../gateway.ts';
import { Tenants } from '../tenants.ts';
import { Bell } from './bell.ts';

const ORIGIN = 'a.example';

/** What jobs need of metadata, in memory: media, jobs and leases. */
export class FakeMetadata {
  readonly jobs = new Map<string, Job>();
  readonly media = new Map<string, MediaRecord>();
  readonly leases = new Map<string, { readonly holder: string; readonly until: number }>();
  /** The ids of media that are avatars. */
  readonly avatars = new Set<string>();
  /** What was deleted, call by call. */
  readonly deletions: string[][] = [];
  /** Awaited before every deletion. */
  beforeDelete: () => Promise<void> = async () => {};

  addMedia(count: number): void {
    for (let made = 0; made < count; made += 1) {
      const mediaId = `m${String(this.media.size).padStart(4, '0')}`;
      const content = { digest: 'd'.repeat(64), sizeBytes: 10, contentType: 'text/plain', uploadName: undefined, frozen: true, store: '' };
      const key = { origin: ORIGIN, mediaId };
      this.media.set(mediaId, { key, state: MediaState.AVAILABLE, userId: `@u:${ORIGIN}`, createdAtMs: 1, content, lost: false, remote: false, protected: false });
    }
  }

  /** A job that deletes all media of the user, unless it is said otherwise. */
  addJob(parts: Partial<Job> = {}): Job {
    const id = `job${this.jobs.size}`;
    const input = JSON.stringify({ filter: { user: `@u:${ORIGIN}` } });
    const job = { id, action: 'delete', input, state: JobState.QUEUED, by: '@admin:a.example', createdAtMs: 5, updatedAtMs: 5, progress: '', cancelRequested: false, failure: '', origin: ORIGIN, ...parts };
    this.jobs.set(id, job);
    return job;
  }

  async takeLease({ name, holder, ttlMs }: TakeLeaseRequest): Promise<{ granted: boolean; untilMs: number }> {
    const held = this.leases.get(name);
    if (held !== undefined && held.holder !== holder && held.until > performance.now()) return { granted: false, untilMs: 0 };
    this.leases.set(name, { holder, until: performance.now() + ttlMs });
    return { granted: true, untilMs: 0 };
  }

  async releaseLease({ name, holder }: { readonly name: string; readonly holder: string }): Promise<object> {
    if (this.leases.get(name)?.holder === holder) this.leases.delete(name);
    return {};
  }

  async listJobs({ states, limit, after }: ListJobsRequest): Promise<{ jobs: Job[]; next: string | undefined }> {
    const jobs = [...this.jobs.values()].reverse().filter(({ id, state }) => states.includes(state) && (after === undefined || id < after)).slice(0, limit);
    return { jobs, next: jobs.length === limit ? jobs.at(-1)?.id : undefined };
  }

  async getJob({ id }: { readonly id: string }): Promise<{ job: Job }> {
    return { job: this.requireJob(id) };
  }

  async updateJob({ id, ...parts }: UpdateJobRequest): Promise<{ job: Job }> {
    this.jobs.set(id, { ...this.requireJob(id), ...parts });
    return this.getJob({ id });
  }

  async listMedia({ filter, after = '', limit }: ListMediaRequest): Promise<ListMediaResponse> {
    const all = [...this.media].filter(([id, record]) => id > after && (filter === undefined || matches(filter, record)));
    const page = all.slice(0, limit);
    return { records: page.map(([, record]) => record), next: all.length > limit ? page.at(-1)?.[0] : undefined, totalCount: all.length };
  }

  async listMediaUses({ keys }: { readonly keys: readonly MediaKey[] }): Promise<object> {
    const uses = keys.filter(({ mediaId }) => this.avatars.has(mediaId));
    return { uses: uses.map((key) => ({ key, roomId: '!r', eventId: '$e', kind: MediaUseKind.ROOM_AVATAR, sender: '', atMs: 0 })) };
  }

  /** All media is used in every room: what is an avatar as one of a member, all else in events. */
  async listRoomMedia(): Promise<object> {
    const kindOf = (mediaId: string) => (this.avatars.has(mediaId) ? MediaUseKind.MEMBER_AVATAR : MediaUseKind.EVENT);
    return { uses: [...this.media.values()].map(({ key }) => ({ key, kind: kindOf(key?.mediaId ?? '') })) };
  }

  async batchGetMedia({ keys }: { readonly keys: readonly MediaKey[] }): Promise<object> {
    return { results: keys.map(({ mediaId }) => ({ record: this.media.get(mediaId) })) };
  }

  async deleteMedia({ keys }: { readonly keys: readonly MediaKey[] }): Promise<{ deleted: MediaKey[] }> {
    await this.beforeDelete();
    this.deletions.push(keys.map(({ mediaId }) => mediaId));
    return { deleted: keys.filter(({ mediaId }) => this.media.delete(mediaId)) };
  }

  requireJob(id: string): Job {
    const job = this.jobs.get(id);
    if (job === undefined) throw new MediaError('NOT_FOUND', 'No such job');
    return job;
  }
}

/** As much of a gateway as jobs need. */
export function gatewayOf(metadata: FakeMetadata): Gateway {
  const parts = { config: { homeservers: [{}], trashOf: () => 1000 }, tenants: new Tenants(homeservers.parse([{ server_name: ORIGIN }])), services: { metadata }, newJobs: new Bell(), ...quietTelemetry() };
  return parts as unknown as Gateway; // all else is not asked for
}
