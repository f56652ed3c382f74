import { describeExchange, errcodeOf } from '../harness/exchange.ts';
import type { KnownBody } from '../harness/known-body.ts';
import type { Random } from '../harness/random.ts';
import type { Bodies } from './bodies.ts';
import type { Client } from './client.ts';
import type { History, MediaFacts } from './history.ts';

/** What one client of a load works with. */
export interface Worker {
  readonly client: Client;
  readonly random: Random;
  readonly bodies: Bodies;
  readonly history: History;
}

/** One thing that a client does. It never throws for what a service that is down does to it. */
export type Operation = (worker: Worker) => Promise<void>;

const WAIT_MS = 3000;
const ADMIN = 'crash-test';

/** An operation and how often it is chosen among others. */
export interface Choice {
  readonly share: number;
  readonly run: Operation;
}

/** What clients do who neither leave nor remove anything. */
export const PEACEFUL: readonly Choice[] = [
  { share: 20, run: async (worker) => void await upload(worker, await worker.bodies.draw()) },
  { share: 4, run: async (worker) => void await upload(worker, worker.bodies.drawPicture(), 'image/png') },
  { share: 12, run: uploadAgain },
  { share: 14, run: async (worker) => void await uploadLater(worker, await worker.bodies.draw()) },
  { share: 22, run: downloadWhole },
  { share: 10, run: downloadRange },
  { share: 8, run: downloadThumbnail },
];

/** All that clients and operators do. */
export const EVERYTHING: readonly Choice[] = [
  ...PEACEFUL,
  { share: 5, run: leave },
  { share: 4, run: async (worker) => deleteMedia(worker, pickUntouched(worker)) },
  { share: 1, run: async (worker) => quarantine(worker, pickUntouched(worker)) },
];

/** Uploads to a new media id; answers with it if that was acknowledged. */
export async function upload({ client, history }: Worker, body: KnownBody, type?: string): Promise<MediaFacts | undefined> {
  const { answer, uri } = await client.upload(body, type);
  if (uri === undefined) {
    history.note(`an upload of ${body.sizeBytes} B ${body.digest.slice(0, 8)}: ${describeExchange(answer)}`);
    return undefined;
  }
  const facts = history.know(uri);
  history.acknowledge(facts, body);
  return facts;
}

/** Reserves a media id and fills it while somebody waits for it; tries once more with other bytes if that breaks off. */
export async function uploadLater(worker: Worker, body: KnownBody): Promise<MediaFacts | undefined> {
  const { client, history, bodies } = worker;
  const uri = await client.create();
  if (uri === undefined) return undefined;
  const facts = history.know(uri);
  const waiting = client.download(uri, { query: { timeout_ms: WAIT_MS } });
  const isDone = await fill(worker, facts, body) || await fill(worker, facts, bodies.again() ?? body);
  history.hear(facts, await waiting);
  return isDone ? facts : undefined;
}

/** Deletes media for good. */
export async function deleteMedia({ client, history }: Worker, facts: MediaFacts | undefined): Promise<void> {
  if (facts === undefined) return;
  const done = history.beginDeletion(facts);
  await orNothing(client.admin.deleteMedia({ keys: [facts.uri], by: ADMIN }).then(done));
}

async function fill({ client, history }: Worker, facts: MediaFacts, body: KnownBody): Promise<boolean> {
  history.beginUpload(facts, body);
  const answer = await client.put(facts.uri, body);
  if (answer.status === 200 && answer.isWhole) history.acknowledge(facts, body);
  else history.note(`put ${facts.uri.mediaId}: ${describeExchange(answer)}`);
  // That an earlier attempt has won is told as well; by which bytes is seen when it is downloaded.
  return answer.status === 200 || errcodeOf(answer) === 'M_CANNOT_OVERWRITE_MEDIA';
}

async function uploadAgain(worker: Worker): Promise<void> {
  const body = worker.bodies.again();
  if (body === undefined) return;
  await (worker.random.next() < 0.5 ? upload(worker, body) : uploadLater(worker, body));
}

async function downloadWhole({ client, history, random }: Worker): Promise<void> {
  const facts = random.pick([...history.media.values()]);
  if (facts !== undefined) history.hear(facts, await client.download(facts.uri, { query: { timeout_ms: 0 } }));
}

async function downloadRange({ client, history, random }: Worker): Promise<void> {
  const facts = random.pick([...history.media.values()]);
  const body = facts?.acknowledged;
  if (facts === undefined || body === undefined || body.sizeBytes === 0) return;
  const from = random.between(0, body.sizeBytes - 1);
  const to = random.between(from + 1, Math.min(body.sizeBytes, from + 2 ** 21));
  const answer = await client.download(facts.uri, { headers: { range: `bytes=${from}-${to - 1}` } });
  history.hear(facts, answer, answer.status === 206 ? await body.digestOf(from, to) : undefined);
}

async function downloadThumbnail({ client, history, random }: Worker): Promise<void> {
  const pictures = [...history.media.values()].filter(({ acknowledged }) => acknowledged?.isPicture);
  const facts = random.pick(pictures);
  if (facts !== undefined) history.hearThumbnail(facts, await client.thumbnail(facts.uri, random.pick([32, 96]) ?? 32));
}

/** Announces a body, sends some of it, and goes away. Nobody may ever see that. */
async function leave({ client, history, random, bodies }: Worker): Promise<void> {
  const body = await bodies.draw();
  const uri = body.sizeBytes === 0 ? undefined : await client.create();
  if (uri === undefined) return;
  history.know(uri);
  await client.putAndLeave(uri, body, random.between(0, body.sizeBytes - 1));
}

async function quarantine({ client, history, random }: Worker, facts: MediaFacts | undefined): Promise<void> {
  const digest = facts?.acknowledged?.digest;
  if (facts === undefined || digest === undefined) return;
  const done = history.beginQuarantine(digest);
  const subject = random.next() < 0.5 ? { keys: [facts.uri], digests: [] } : { keys: [], digests: [digest] };
  await orNothing(client.admin.setQuarantine({ ...subject, quarantined: true, by: ADMIN }).then(done));
}

/** Acknowledged media that nobody has begun to remove, so that its removal says what is expected of it. */
function pickUntouched({ history, random }: Worker): MediaFacts | undefined {
  return random.pick([...history.media.values()].filter((facts) => facts.acknowledged !== undefined && !history.isTouched(facts)));
}

/** That a service is down is what this is about: whoever asked has no answer then. */
async function orNothing(asked: Promise<void>): Promise<void> {
  await asked.catch(() => {});
}
