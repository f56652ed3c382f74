import { after, describe, test } from 'node:test';
import { type Unavailable, isUnavailable } from './unavailable.ts';

/** A function like `acquireMongoDb` or `startS3`. */
export type Acquire<T extends AsyncDisposable> = () => Promise<T | Unavailable>;

/** The part of node:test's `TestContext` that is needed. */
export interface SkippableTest {
  skip(message: string): void;
  after(release: () => PromiseLike<void>): void;
}

/**
 * For one test: answers with the service, which is released after the test, or skips the test and answers `undefined`.
 * With `MEDLEY_REQUIRE_REAL_SERVICES=1` it throws instead of skipping.
 *
 *     test('survives a restart of the store', async (t) => {
 *       const s3 = await realServiceOrSkip(t, startS3);
 *       if (s3 === undefined) return;
 *       …
 *     });
 */
export async function realServiceOrSkip<T extends AsyncDisposable>(t: SkippableTest, acquire: Acquire<T>): Promise<T | undefined> {
  const service = await acquire();
  if (isUnavailable(service)) {
    failIfRequired(service);
    t.skip(service.unavailable);
    return undefined;
  }
  t.after(() => service[Symbol.asyncDispose]());
  return service;
}

/**
 * For a suite: like `describe`, with the service handed to the suite and released after it. Where the service cannot be had,
 * one test by the suite's name stands for it, skipped, or failed with `MEDLEY_REQUIRE_REAL_SERVICES=1`. To be awaited at the top
 * level of the test file:
 *
 *     await describeRealService('metadata store on MongoDB', acquireMongoDb, ({ uri }) => {
 *       metadataStoreContract(() => openMongoDbStore(uri, `test_${randomUUID()}`));
 *     });
 */
export async function describeRealService<T extends AsyncDisposable>(
  name: string,
  acquire: Acquire<T>,
  suite: (service: T) => void,
): Promise<void> {
  const service = await acquire();
  if (isUnavailable(service)) {
    void test(name, (t) => {
      failIfRequired(service);
      t.skip(service.unavailable);
    });
    return;
  }
  void describe(name, () => {
    suite(service);
    // last, so that the suite can still clean up in the service
    after(() => service[Symbol.asyncDispose]());
  });
}

function failIfRequired({ unavailable }: Unavailable): void {
  if (process.env['MEDLEY_REQUIRE_REAL_SERVICES'] !== '1') return;
  throw new Error(`MEDLEY_REQUIRE_REAL_SERVICES=1 is set, but ${unavailable}`);
}
