import { findFreePorts } from '@medley/testing/free-ports';

/** Where everything of one Medley listens on 127.0.0.1. */
export interface Ports {
  readonly http: number;
  readonly metadata: number;
  readonly storage: number;
  readonly thumbnail: number;
  readonly 'url-preview': number;
  readonly 'federation-fetch': number;
  readonly data: number;
  /** The first of a run: service number i has this plus i. */
  readonly metrics: number;
}

const RUN = 16;

/** Finds a run of free ports. */
export async function findPorts(): Promise<Ports> {
  const base = await findFreePorts(RUN);
  return {
    http: base, metadata: base + 1, storage: base + 2, thumbnail: base + 3, data: base + 4, 'federation-fetch': base + 6, 'url-preview': base + 7,
    metrics: base + 8,
  };
}
