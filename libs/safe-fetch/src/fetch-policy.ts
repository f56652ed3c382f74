import type { NetworkRules } from './address-judge.ts';
import { FETCH_FAILURE_CODES } from './fetch-failure.ts';

/** Which names may be asked for. A pattern is a name, or `*.` and a name for everything below it. */
export interface HostRules {
  /** Refused, at every hop. */
  readonly denied?: readonly string[];
  /** If present, every other name and every literal address that it does not hold is refused. */
  readonly only?: readonly string[];
  /** Names without a dot or of special use (`.local`, `.internal` …) that may be asked for all the same. Their addresses are still judged. */
  readonly special?: readonly string[];
}

/** What one kind of fetch may do; from the configuration, never from a request. */
export interface FetchPolicy {
  /** Sent with every request, unless the caller's own headers name another. */
  readonly userAgent: string;
  /** The ports that may be connected to; `'unreserved'` is every port but those of `RESERVED_PORTS`. */
  readonly ports: readonly number[] | 'unreserved';
  readonly networks?: NetworkRules;
  readonly hosts?: HostRules;
  /** A last word on the URL of every hop: says why it is refused, or nothing. */
  readonly judge?: (url: URL) => string | undefined;
  /** Whether a redirect may lead from https to http. */
  readonly allowsDowngrade: boolean;
  /** DNS servers as `address` or `address:port`; by default those of the system. */
  readonly dnsServers?: readonly string[];
  readonly dnsTimeoutMs?: number;
  /** For each address that is tried; there are at most two. */
  readonly connectTimeoutMs?: number;
  /** More addresses than this for one name refuse it. */
  readonly maxAddresses?: number;
  /**
   * An http proxy that every request goes through, by CONNECT. It resolves the names, so their addresses must be judged
   * there; URLs, ports, names and literal addresses are judged here.
   */
  readonly proxy?: string;
  /** Authorities to trust instead of the well-known ones, in PEM. */
  readonly ca?: string | readonly string[];
  /** Told how each fetch went until the headers of its answer were there: `answered`, or why not. Never told where to. */
  readonly onFetched?: (outcome: FetchOutcome) => void;
}

/** How a fetch may go. `given up` is whoever asked for it. */
export const FETCH_OUTCOMES = ['answered', 'given up', ...FETCH_FAILURE_CODES] as const;
export type FetchOutcome = (typeof FETCH_OUTCOMES)[number];

/** The ports of pages that people link to. */
export const WEB_PORTS: readonly number[] = [80, 443, 8080, 8443, 8448];

/**
 * Ports that no web server has any business on: the bad ports of the Fetch standard, and those of databases, queues, caches
 * and orchestrators, where a request may do harm.
 */
export const RESERVED_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115,
  117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587,
  601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
  6697, 10080, 1433, 1521, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, 5900, 6379, 6443, 8500, 9042, 9090, 9092, 9200,
  9300, 10250, 10255, 11211, 15672, 26379, 27017, 27018, 27019, 50051,
]);
