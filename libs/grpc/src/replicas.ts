import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReason, MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';
import { connectService, type ConnectedClient, type ConnectOptions } from './client.ts';
import { isSameList, readAddress, toTarget, type NamedReplicas } from './replica-address.ts';
import type { DescribedService } from './service-config.ts';

/** How long the addresses of a name are believed. */
const LOOKUP_MS = 30_000;
/** After a replica was lost, the name is looked up again, but not more often than this. */
const LEAST_LOOKUP_MS = 1000;
/** How often all replicas are tried: for longer than a channel waits before it connects anew. */
const ROUNDS = 4;
const PAUSE_MS = 300;

export interface ReplicasOptions extends ConnectOptions {
  /** The IP addresses of a name. Default: the system's. */
  readonly lookUp?: (host: string) => Promise<readonly string[]>;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

type Rpc<Service extends DescribedService> = ConnectedClient<Service>['rpc'];

type Outcome<Value> = { readonly value: Value } | { readonly failure: MediaError };

/**
 * All replicas of one service, each by a channel of its own, so that whoever calls can choose: by rendezvous hashing every
 * caller that knows the same addresses sends the same key to the same replica, and when one goes only its keys move.
 * `dns:///host:port` is looked up again and again, `ipv4:a:1,b:2` names several, every other address is one.
 */
export class Replicas<Service extends DescribedService> {
  readonly #service: Service;
  readonly #options: ConnectOptions;
  readonly #named: NamedReplicas;
  readonly #lookUp: (host: string) => Promise<readonly string[]>;
  readonly #now: () => number;
  readonly #clients = new Map<string, ConnectedClient<Service>>();
  #targets: readonly string[];
  #lookedUpAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(service: Service, { lookUp = lookUpSystem, now = () => performance.now(), ...options }: ReplicasOptions) {
    this.#service = service;
    this.#named = readAddress(options.address);
    this.#options = options;
    this.#lookUp = lookUp;
    this.#now = now;
    this.#targets = this.#named.kind === 'list' ? this.#named.targets : [];
  }

  /**
   * What `use` makes of the replica that comes first for `key`; of the next where it fails with SERVICE_UNAVAILABLE. So
   * `use` may run more than once. Fails with that when all have, else with what `use` fails with, or the signal's reason.
   */
  async use<Value>(key: string, use: (rpc: Rpc<Service>) => Promise<Value>, signal: AbortSignal): Promise<Value> {
    let failure = new MediaError('SERVICE_UNAVAILABLE', 'A service has no address', { retryAfterMs: 1000 });
    for (let round = 1; round <= ROUNDS; round += 1) {
      if (round > 1) await orAbort(sleep(PAUSE_MS * round), signal);
      for (const target of await orAbort(this.inOrder(key), signal)) {
        const outcome = await this.#try(target, use, signal);
        if ('value' in outcome) return outcome.value;
        failure = outcome.failure;
      }
      await this.#refresh(LEAST_LOOKUP_MS);
    }
    throw failure;
  }

  /**
   * The replicas in the order in which `use` tries them for `key`, so that what has the same order can go by one call. None
   * where no address is known.
   */
  async inOrder(key: string): Promise<readonly string[]> {
    const looked = this.#refresh(LOOKUP_MS);
    if (this.#targets.length === 0) await looked;
    const weights = new Map(this.#targets.map((target) => [target, weigh(target, key)]));
    return this.#targets.toSorted((one, other) => ((weights.get(one) ?? '') < (weights.get(other) ?? '') ? 1 : -1));
  }

  /** Closes every channel; calls under way end in their own time. */
  close(): void {
    this.#isClosed = true;
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  async #try<Value>(target: string, use: (rpc: Rpc<Service>) => Promise<Value>, signal: AbortSignal): Promise<Outcome<Value>> {
    try {
      return { value: await use(this.#connect(target)) };
    } catch (failure) {
      signal.throwIfAborted();
      if (!isReason(failure, 'SERVICE_UNAVAILABLE')) throw failure;
      return { failure };
    }
  }

  #connect(target: string): Rpc<Service> {
    if (this.#isClosed) throw new MediaError('SERVICE_UNAVAILABLE', 'The connections are closed');
    const serverName = this.#named.kind === 'name' ? this.#named.host : undefined;
    const client = this.#clients.get(target) ?? connectService(this.#service, { ...this.#options, address: target, serverName, retries: false });
    this.#clients.set(target, client);
    return client.rpc;
  }

  /** Looks the name up if what is known of it is older than `maxAgeMs`; where that fails, what was known stays. Never rejects. */
  async #refresh(maxAgeMs: number): Promise<void> {
    const named = this.#named;
    if (named.kind !== 'name' || this.#now() - this.#lookedUpAt < maxAgeMs) return;
    this.#looking ??= this.#lookUp(named.host)
      .then((addresses) => this.#take(addresses.map((address) => toTarget(address, named.port))))
      .catch(() => {}) // the next call tries again
      .finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  #take(targets: readonly string[]): void {
    this.#lookedUpAt = this.#now();
    if (targets.length === 0 || isSameList(targets, this.#targets)) return;
    this.#targets = targets;
    for (const [target, client] of this.#clients) {
      if (targets.includes(target)) continue;
      client.close();
      this.#clients.delete(target);
    }
  }
}

function weigh(target: string, key: string): string {
  return createHash('sha256').update(`${target} ${key}`).digest('hex');
}

async function lookUpSystem(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
