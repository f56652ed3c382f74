import { FakeRemote } from '@medley/testing/fake-remote';
import type { Config } from '../harness/site.ts';
import type { Stores } from '../harness/stores.ts';
import { startProgram, stopProgram, type System } from '../harness/system.ts';
import { openTenants, type SaidOfEach, type TenantSite } from './tenants.ts';

/** What each of the rules of retention here takes, so that they leave other tests alone. */
export const DUE_TYPE = 'application/x-due';

/** A Medley of three homeservers that runs, and another server. */
export interface TenantScene extends System, TenantSite {
  readonly remote: FakeRemote;
}

/** Six processes. Of `b` old media goes, and what was deleted is gone at once; the others' waits in the trash. */
export async function startTenants(stores?: Stores): Promise<TenantScene> {
  await using stack = new AsyncDisposableStack();
  const scene = stack.use(await openTenants(stores));
  const { site, tenants: { b, c } } = scene;
  const retention = { trash: '0s', rules: [{ name: 'due', kind: 'local', older_than: '1ms', content_type: DUE_TYPE }] };
  await scene.configure({ b: { storage: b.place, retention }, c: { storage: c.place } }, { thumbnails: { prepare: 'standard' } });
  const remote = stack.use(await FakeRemote.start());
  const program = await startProgram('services', site);
  stack.defer(() => stopProgram(program));
  const owned = stack.move();
  return { ...scene, program, remote, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Runs everything in one process, configured so, while `work` does its work. */
export async function whileRunning({ site, configure }: TenantSite, { said, config = {} }: { readonly said: SaidOfEach; readonly config?: Config }, work: () => Promise<void>): Promise<void> {
  await configure(said, config);
  using program = await startProgram('one-process', site);
  await work();
  await stopProgram(program);
}
