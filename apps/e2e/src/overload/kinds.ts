import { crc32 } from 'node:zlib';
import { paintPng } from '@medley/testing/images';
import { randomBody } from '../harness/bodies.ts';
import { downloadPath, thumbnailPath, type MediaUser } from '../harness/media-user.ts';
import { requestHead } from '../harness/request-head.ts';
import type { Site } from '../harness/site.ts';
import type { Offer, OfferedRequest } from './offer.ts';

/** A kind of work to be overloaded with. */
export interface Kind {
  /** Connections that are enough to keep the services busy. */
  readonly busyConnections: number;
  /** What is offered of it, but for where, how fast and how long. */
  readonly offer: Pick<Offer, 'connections' | 'patienceMs' | 'isOnce'>;
  /** Makes at least `count` requests, where each can be made once only. */
  prepare(site: Site, count: number): Promise<readonly OfferedRequest[]>;
}

export const KIND_NAMES = ['thumbnail', 'download', 'upload'] as const;
export type KindName = (typeof KIND_NAMES)[number];

/** Many, since one alone may not have everything. */
const USERS = 64;
const SENDERS = 8;
const DOWNLOAD_BYTES = 100 * 1024;
const UPLOAD_BYTES = 64 * 1024;
const PICTURE = { width: 2000, height: 1333 };
/** Behind the signature and the header. */
const PNG_HEAD_BYTES = 33;

export const KINDS: Readonly<Record<KindName, Kind>> = {
  thumbnail: { busyConnections: 8, offer: { connections: 512, patienceMs: 5000, isOnce: true }, prepare: prepareThumbnails },
  download: { busyConnections: 32, offer: { connections: 512, patienceMs: 2000, isOnce: false }, prepare: prepareDownloads },
  upload: { busyConnections: 16, offer: { connections: 1000, patienceMs: 3000, isOnce: false }, prepare: prepareUploads },
};

/** Thumbnails that nobody has asked for yet. */
async function prepareThumbnails(site: Site, count: number): Promise<readonly OfferedRequest[]> {
  const users = makeUsers(site);
  const picture = paintPng(PICTURE.width, PICTURE.height);
  const requests: OfferedRequest[] = [];
  let begun = 0;
  const send = async (): Promise<void> => {
    while (begun < count) {
      const user = users[begun % USERS] as MediaUser;
      const uri = await user.upload(mark(picture, begun++), { type: 'image/png' });
      requests.push({ head: requestHead(user, `GET ${thumbnailPath(uri)}?width=320&height=240`) });
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  return requests;
}

/** The same small file, that is kept in memory. */
async function prepareDownloads(site: Site): Promise<readonly OfferedRequest[]> {
  const users = makeUsers(site);
  const uri = await users[0]?.upload(randomBody(DOWNLOAD_BYTES));
  if (uri === undefined) throw new Error('there are no users');
  for (const user of users) await user.download(uri);
  return users.map((user) => ({ head: requestHead(user, `GET ${downloadPath(uri)}`) }));
}

async function prepareUploads(site: Site): Promise<readonly OfferedRequest[]> {
  return makeUsers(site).map((user) => ({ head: requestHead(user, 'POST /_matrix/media/v3/upload', `Content-Length: ${UPLOAD_BYTES}`), bodyBytes: UPLOAD_BYTES }));
}

function makeUsers(site: Site): readonly MediaUser[] {
  return Array.from({ length: USERS }, () => site.user());
}

/** The same picture in other bytes: with a comment in it. */
function mark(png: Buffer, index: number): Buffer {
  const typed = Buffer.from(`tEXtComment\0${index} ${Math.random()}`);
  const chunk = Buffer.alloc(typed.byteLength + 8);
  chunk.writeUInt32BE(typed.byteLength - 4, 0);
  chunk.set(typed, 4);
  chunk.writeUInt32BE(crc32(typed), typed.byteLength + 4);
  return Buffer.concat([png.subarray(0, PNG_HEAD_BYTES), chunk, png.subarray(PNG_HEAD_BYTES)]);
}
