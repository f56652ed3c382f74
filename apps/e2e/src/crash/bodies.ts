import { paintPng } from '@medley/testing/images';
import { KnownBody } from '../harness/known-body.ts';
import type { Random } from '../harness/random.ts';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
/** Sizes, from `low` to `high`, and how many of a hundred bodies have one of them. */
const SIZES = [
  { share: 5, low: 0, high: 0 },
  { share: 30, low: 1, high: 16 * KIB },
  { share: 35, low: 16 * KIB, high: 256 * KIB },
  { share: 22, low: 256 * KIB, high: 4 * MIB },
  { share: 6, low: 4 * MIB, high: 24 * MIB },
  { share: 2, low: 24 * MIB, high: 200 * MIB },
] as const;
/** A body of more than one part of a multipart upload. */
const MULTIPART_BYTES = 12 * MIB;
const KEPT = 60;
/** Bodies up to here are sent again by others. */
const MAX_DUPLICATE_BYTES = 8 * MIB;

/** Draws the bodies of a load, by chance and by the same chance for the same seed. */
export class Bodies {
  readonly #random: Random;
  readonly #seed: number;
  #leftBytes: number;
  #count = 0;
  readonly #used: KnownBody[] = [];

  /** Bodies of more than 4 MiB are drawn until they have `budgetBytes` together. */
  constructor(random: Random, budgetBytes: number) {
    this.#random = random;
    this.#seed = random.between(0, 2 ** 31);
    this.#leftBytes = budgetBytes;
  }

  /** Bytes that nobody has had before. */
  draw(): Promise<KnownBody> {
    return this.#make(this.#drawSize());
  }

  /** New bytes, of more than one part where storage sends parts. */
  drawMultipart(): Promise<KnownBody> {
    return this.#make(MULTIPART_BYTES + this.#random.between(0, MIB));
  }

  /** A picture that nobody has had before. */
  drawPicture(): KnownBody {
    this.#count += 1;
    return this.#keep(KnownBody.picture(paintPng(64 + (this.#count % 100), 64 + Math.floor(this.#count / 100))));
  }

  /** Bytes that somebody else sends or has sent, if there are any yet. */
  again(): KnownBody | undefined {
    return this.#random.pick(this.#used);
  }

  async #make(sizeBytes: number): Promise<KnownBody> {
    this.#count += 1;
    return this.#keep(await KnownBody.generate(`${this.#seed}/${this.#count}`, sizeBytes));
  }

  #keep(body: KnownBody): KnownBody {
    if (body.sizeBytes <= MAX_DUPLICATE_BYTES) this.#used.push(body);
    if (this.#used.length > KEPT) this.#used.shift();
    return body;
  }

  #drawSize(): number {
    let at = this.#random.between(0, 99);
    for (const { share, low, high } of SIZES) {
      if (at < share) return this.#afford(this.#random.between(low, high));
      at -= share;
    }
    return 0;
  }

  #afford(sizeBytes: number): number {
    if (sizeBytes <= 4 * MIB) return sizeBytes;
    if (sizeBytes > this.#leftBytes) return sizeBytes % (4 * MIB);
    this.#leftBytes -= sizeBytes;
    return sizeBytes;
  }
}
