import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';

/** How an S3 server is reached, in the words of the configuration. */
export interface S3Access {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly access_key: string;
  readonly secret_key: string;
}

/** The names of all objects in a bucket, asked of the server itself. */
export async function listObjects(access: S3Access): Promise<readonly string[]> {
  const names: string[] = [];
  for (let after = ''; ; after = names.at(-1) ?? '') {
    const page = await get(access, { 'list-type': '2', 'start-after': after });
    names.push(...namesIn(page));
    if (!page.includes('<IsTruncated>true</IsTruncated>')) return names;
  }
}

/** The names of all multipart uploads that have neither been completed nor aborted. */
export async function listMultipartUploads(access: S3Access): Promise<readonly string[]> {
  // MinIO lists them only for one name or, as here, for the whole bucket.
  return namesIn(await get(access, { uploads: '' }));
}

function namesIn(xml: string): readonly string[] {
  return [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, name = '']) => name);
}

interface S3Call {
  /** Default: GET. */
  readonly method?: 'GET' | 'PUT' | 'DELETE';
  /** Of an object; default: the bucket itself. */
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Asks the server itself, past any service. Fails unless that works. */
export async function callS3(access: S3Access, { method = 'GET', name = '', query = {}, body }: S3Call): Promise<Buffer> {
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${now.slice(0, 8)}/${access.region}/s3/aws4_request`;
  const signed = { ...query, 'X-Amz-Algorithm': 'AWS4-HMAC-SHA256', 'X-Amz-Credential': `${access.access_key}/${scope}`, 'X-Amz-Date': now, 'X-Amz-Expires': '60', 'X-Amz-SignedHeaders': 'host' };
  const params = Object.entries(signed).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).toSorted().join('&');
  const url = new URL(`${access.endpoint}/${access.bucket}${name === '' ? '' : `/${name}`}`);
  const request = [method, url.pathname, params, `host:${url.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const text = ['AWS4-HMAC-SHA256', now, scope, createHash('sha256').update(request).digest('hex')].join('\n');
  const key = scope.split('/').reduce<Buffer>((secret, part) => sign(secret, part), Buffer.from(`AWS4${access.secret_key}`));
  const response = await fetch(`${url.href}?${params}&X-Amz-Signature=${sign(key, text).toString('hex')}`, { method, ...(body && { body }) });
  const answer = Buffer.from(await response.arrayBuffer());
  assert.ok(response.ok, `${response.status} ${answer.toString()}`);
  return answer;
}

async function get(access: S3Access, query: Readonly<Record<string, string>>): Promise<string> {
  return (await callS3(access, { query })).toString();
}

function sign(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
