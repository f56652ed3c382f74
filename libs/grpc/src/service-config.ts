import type { CompatServiceDefinition } from 'nice-grpc';

interface MethodLike {
  readonly name: string;
  readonly requestStream: boolean;
  readonly options: { readonly idempotencyLevel?: string };
}

/** What a service's generated definition offers to read. */
export type DescribedService = CompatServiceDefinition & {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodLike>>;
};

/** Only what lost its peer is tried again, and only if trying twice is the same as trying once. */
const RETRY_POLICY = {
  maxAttempts: 4,
  initialBackoff: '0.1s',
  maxBackoff: '1s',
  backoffMultiplier: 3,
  retryableStatusCodes: ['UNAVAILABLE'],
};

/** Methods that the proto file marks NO_SIDE_EFFECTS or IDEMPOTENT and that don't stream their request. */
export function retryableMethods(service: DescribedService): string[] {
  return Object.values(service.methods)
    .filter((method) => method.options.idempotencyLevel !== undefined && !method.requestStream)
    .map((method) => method.name);
}

/** The gRPC service config of a client: round robin over all addresses, retries for reads only, or for nothing. */
export function toServiceConfig(service: DescribedService, retries = true): string {
  const names = retryableMethods(service).map((method) => ({ service: service.fullName, method }));
  return JSON.stringify({
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: retries ? [{ name: names, retryPolicy: RETRY_POLICY }] : [],
  });
}
