import { z } from 'zod';
import { duration, size } from './quantity.ts';

/** The gateway's HTTP, and what it lets strangers take of it. */
export const listen = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(8008),
  /** How many proxies stand before it, whose X-Forwarded-For says who asks; 0: nobody is believed. */
  trusted_hops: z.number().int().nonnegative().max(10).default(0),
  /** What the target and the headers of one request may take together; beyond it 431. */
  max_header_bytes: size.default(16 * 2 ** 10),
  /** What its target alone may take; beyond it 414. */
  max_url_bytes: size.default(12 * 2 ** 10),
  /** Connections at once; further ones are closed. */
  max_connections: z.number().int().positive().default(10_000),
  /** Sockets that listen at the port, where the system lets several: from each, one new connection is taken in a turn of the process. */
  sockets: z.number().int().positive().max(1024).default(64),
  /** How long a connection may take to say the headers of a request; then 408. A new one has to begin within that time, too. */
  headers_timeout: duration.default(10_000),
  /** How long a connection is kept that asks for nothing more. */
  keep_alive: duration.default(75_000),
  /** Requests of one connection under way at once; further ones wait unread. */
  max_pipelined: z.number().int().positive().default(8),
  /** Requests under way at once, slow transfers included; further ones get 503. Costly kinds of work may take but a part of it. */
  max_requests: z.number().int().positive().default(1000),
  /** The same for one address, which gets 429; 0: no limit. */
  max_requests_per_address: z.number().int().nonnegative().default(500),
  /** How long everything may wait for its turn in this process before less work at once is let in; 0: however long. */
  max_delay: duration.default(50),
  /** How long an upload may take after its last byte before fewer at once are let in; 0: however long. */
  max_finish: duration.default(1000),
});

export type ListenConfig = z.output<typeof listen>;
