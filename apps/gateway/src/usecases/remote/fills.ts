import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import type { Gateway } from '../../gateway.ts';
import { startFill, type Fill, type FillTask } from './fill.ts';

/** The remote media that this gateway is fetching: each once for all who ask for it here, until its record is there. */
export class Fills implements Disposable {
  readonly #underWay = new Map<string, Fill>();
  readonly #stopping = new AbortController();

  get(uri: MxcUri): Fill | undefined {
    return this.#underWay.get(toMxcText(uri));
  }

  start(gateway: Gateway, task: FillTask): Fill {
    const name = toMxcText(task.uri);
    const fill = startFill(gateway, task, this.#stopping.signal);
    this.#underWay.set(name, fill);
    const end = (): void => {
      if (this.#underWay.get(name) === fill) this.#underWay.delete(name);
    };
    fill.recorded.then(end, end);
    return fill;
  }

  /** Gives up all that are under way; what has arrived of them and is not recorded is fetched again when it is asked for. */
  [Symbol.dispose](): void {
    this.#stopping.abort();
  }
}
