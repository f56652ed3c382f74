import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMON_STORE } from '@medley/domain/store-name';
import { STANDARD_SPECS, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { ThumbnailMethod, ThumbnailServiceDefinition } from '@medley/proto/thumbnail';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { Bench } from '../harness/bench.ts';
import { playContest } from '../harness/contest.ts';
import type { Finding } from '../harness/finding.ts';
import { upload } from '../harness/media.ts';
import { startMedley, type Medley } from '../harness/medley.ts';
import { makePhoto, withComment } from '../harness/photo.ts';
import type { Side } from '../harness/rounds.ts';
import { Worker } from '../harness/worker.ts';
import { Pillow } from '../servers/pillow.ts';

const ROW = 'thumbnail';
const PILLOW = 'Pillow as Synapse';
const SHARP = 'sharp, one size after the other';
const PHOTOS_PER_SECOND = 2;
const TIMEOUT_MS = 60_000;
const METHODS = { crop: ThumbnailMethod.CROP, scale: ThumbnailMethod.SCALE } as const;

interface Task {
  readonly what: string;
  readonly goal: string;
  readonly specs: readonly ThumbnailSpec[];
}

const TASKS: readonly Task[] = [
  { what: '12 MP JPEG to 640x480', goal: '>= 3.5', specs: STANDARD_SPECS.filter(({ width }) => width === 640) },
  { what: '12 MP JPEG to all five sizes', goal: '>= 7', specs: STANDARD_SPECS },
];

/** Thumbnails of photos that were never seen before, by the whole service. */
export async function thumbnail(bench: Bench): Promise<readonly Finding[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await makeTempDir());
  const pillow = await Pillow.start();
  if (pillow !== undefined) stack.use(pillow);
  const oneByOne = stack.use(await Worker.start('servers/sharp-one-by-one.ts'));
  bench.progress('thumbnail: painting a photo');
  const photos = new Photos(await makePhoto(), Math.ceil(bench.seconds * PHOTOS_PER_SECOND));
  const medley = stack.use(await startMedley({ form: 'services', folder, logLevel: bench.logLevel }));
  const { rpc } = stack.adopt(connectService(ThumbnailServiceDefinition, { address: medley.grpc.thumbnail, token: medley.grpc.token, timeoutMs: TIMEOUT_MS }), (client) => client.close());

  const findings: Finding[] = [];
  for (const { what, goal, specs } of TASKS) {
    const inFolder = { photos, folder: join(folder, 'photos') };
    const opponents = [{ goal: '-', side: fileSide(SHARP, oneByOne.pid, inFolder, (path) => oneByOne.call({ path, specs })) }];
    if (pillow !== undefined) opponents.push({ goal, side: fileSide(PILLOW, pillow.pid, inFolder, (path) => pillow.make(path, specs)) });
    else findings.push({ kind: 'skipped', row: ROW, what: `${what}: Medley against ${PILLOW}`, goal, reason: 'no python3 here has Pillow (python3-pil)' });
    findings.push(...(await playContest({ row: ROW, what, subject: medleySide(medley, rpc, photos, specs), opponents }, bench)));
  }
  return findings;
}

/** Batches of photos that differ in one number, so that nothing knows their thumbnails. */
class Photos {
  readonly #photo: Buffer;
  readonly #perRound: number;
  #painted = 0;

  constructor(photo: Buffer, perRound: number) {
    this.#photo = photo;
    this.#perRound = perRound;
  }

  next(): readonly Buffer[] {
    return Array.from({ length: this.#perRound }, () => withComment(this.#photo, `medley bench ${(this.#painted += 1)}`));
  }
}

function medleySide(medley: Medley, rpc: ConnectedClient<typeof ThumbnailServiceDefinition>['rpc'], photos: Photos, specs: readonly ThumbnailSpec[]): Side {
  const digests: string[] = [];
  const get = async (sourceDigest: string, { width, height, method, animated }: ThumbnailSpec): Promise<void> => {
    await rpc.getThumbnail({ sourceDigest, store: COMMON_STORE, spec: { width, height, method: METHODS[method], animated } });
  };
  return {
    name: 'Medley',
    // the service makes all five at once: for one alone there is no CPU time to be told apart
    pids: specs.length === STANDARD_SPECS.length ? [medley.pid] : [],
    async prepare() {
      digests.length = 0;
      for (const photo of photos.next()) {
        await upload(medley, photo, 'image/jpeg');
        digests.push(createHash('sha256').update(photo).digest('hex'));
      }
    },
    async run() {
      let wallMs = 0;
      for (const digest of digests) {
        const startedAt = performance.now();
        await Promise.all(specs.map((spec) => get(digest, spec)));
        wallMs += performance.now() - startedAt;
        await Promise.all(STANDARD_SPECS.map((spec) => get(digest, spec))); // the next photo must not wait for the rest of this one
      }
      return { count: digests.length, wallMs };
    },
  };
}

/** Somebody who makes all thumbnails of a photo that lies in a folder. */
function fileSide(name: string, pid: number, { photos, folder }: { readonly photos: Photos; readonly folder: string }, make: (path: string) => Promise<unknown>): Side {
  const paths: string[] = [];
  return {
    name,
    pids: [pid],
    async prepare() {
      paths.length = 0;
      await mkdir(folder, { recursive: true });
      for (const [index, photo] of photos.next().entries()) {
        const path = join(folder, `${index}.jpg`);
        await writeFile(path, photo);
        paths.push(path);
      }
    },
    async run() {
      const startedAt = performance.now();
      for (const path of paths) await make(path);
      return { count: paths.length, wallMs: performance.now() - startedAt };
    },
    clean: () => rm(folder, { recursive: true, force: true }),
  };
}
