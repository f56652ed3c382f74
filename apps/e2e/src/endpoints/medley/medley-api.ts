import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseYaml } from '@medley/config/yaml';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { OpenApi } from '@medley/testing/open-api';
import type { Answer, Query } from '../../harness/http-call.ts';
import type { MediaUser } from '../../harness/media-user.ts';
import type { Site } from '../../harness/site.ts';

/** The document of Medley's own API, by which every answer here is checked. */
export const API = new OpenApi(parseYaml(await readFile(join(import.meta.dirname, '../../../../../docs/reference/openapi.yaml'), 'utf8')));

/** An object of an answer. */
export type Json = Readonly<Record<string, unknown>>;

export interface Asking {
  /** The parts of the path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Query;
  readonly body?: unknown;
}

const JOB_WITHIN_MS = 60_000;

/** Medley's own API as one admin calls it. */
export class MedleyApi {
  readonly admin: MediaUser;

  constructor(site: Site, admin = site.user(site.homeserver.addAdmin())) {
    this.admin = admin;
  }

  /** Calls an operation by its operationId; fails unless the answer is as the document describes it. */
  async try(operationId: string, { params = {}, query = {}, body }: Asking = {}): Promise<Answer & { readonly json: Json }> {
    const operation = API.operations.find((one) => one.operationId === operationId);
    assert.ok(operation, `the document knows no ${operationId}`);
    const path = `/_medley/v1${operation.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''))}`;
    const answer = await this.admin.call(path, { method: operation.method, query, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const json = JSON.parse(answer.body.toString()) as Json;
    assert.deepEqual(API.findFaults(operationId, answer.status, json), [], JSON.stringify(json));
    return { ...answer, json };
  }

  /** The same; fails unless it worked. */
  async call(operationId: string, asking: Asking = {}): Promise<Json> {
    const { status, json } = await this.try(operationId, asking);
    assert.ok(status < 300, `${operationId}: ${status} ${JSON.stringify(json)}`);
    return json;
  }

  /** The same about one media. */
  on(operationId: string, uri: MxcUri, asking: Omit<Asking, 'params'> = {}): Promise<Json> {
    return this.call(operationId, { ...asking, params: paramsOf(uri) });
  }

  /** The record of one media. */
  async record(uri: MxcUri): Promise<Json> {
    return (await this.on('medleyGetMedia', uri))['media'] as Json;
  }

  /** The mxc URIs that a search finds, in its order. */
  async search(query: Query): Promise<readonly unknown[]> {
    return urisOf((await this.call('medleySearchMedia', { query }))['media']);
  }

  /** Orders a job and waits until it has ended. */
  async runJob(body: Json, withinMs = JOB_WITHIN_MS): Promise<Json> {
    const { job_id: jobId } = await this.call('medleyCreateJob', { body });
    return eventually(async () => {
      const job = await this.call('medleyGetJob', { params: { jobId: String(jobId) } });
      assert.ok(!['queued', 'running'].includes(String(job['state'])), `it still runs: ${JSON.stringify(job)}`);
      return job;
    }, withinMs, 50);
  }
}

export function paramsOf({ origin, mediaId }: MxcUri): Readonly<Record<string, string>> {
  return { serverName: origin, mediaId };
}

/** The mxc URIs of a list of records. */
export function urisOf(records: unknown): readonly unknown[] {
  return listOf(records).map((record) => record['content_uri']);
}

export function listOf(value: unknown): readonly Json[] {
  assert.ok(Array.isArray(value));
  return value as Json[];
}

export function texts(...uris: readonly MxcUri[]): readonly string[] {
  return uris.map(toMxcText);
}
