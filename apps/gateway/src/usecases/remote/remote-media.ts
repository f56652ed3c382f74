import { RemoteAllowances, type RemoteAllowancesOptions } from '../../limits/remote-allowance.ts';
import { Fills } from './fills.ts';
import { RemoteBudget, type RemoteBudgetOptions } from './remote-budget.ts';
import { RemoteThumbnails } from './remote-thumbnails.ts';

/** What the gateway keeps of its fetching from other servers. */
export class RemoteMedia implements Disposable {
  readonly fills = new Fills();
  readonly thumbnails = new RemoteThumbnails();
  readonly allowances: RemoteAllowances;
  readonly budget: RemoteBudget;

  constructor(allowances: RemoteAllowancesOptions, budget: RemoteBudgetOptions) {
    this.allowances = new RemoteAllowances(allowances);
    this.budget = new RemoteBudget(budget);
  }

  [Symbol.dispose](): void {
    this.fills[Symbol.dispose]();
  }
}
