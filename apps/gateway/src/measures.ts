import { measureOutcomes, type Measure } from '@medley/telemetry/measure';
import { durationHistogram, type Meter } from '@medley/telemetry/metrics';

/** What is timed and counted by how it ends. */
export interface GatewayMeasures {
  /** Taking a body from its sender into storage: `stored`, or the reason it was not. */
  readonly upload: Measure;
  /** Finding out which server has signed a request: `valid`, or the reason it is not let in. */
  readonly signature: Measure;
}

/** Few, since each outcome has them all. */
const BUCKETS_S = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

export function gatewayMeasures(meter: Meter): GatewayMeasures {
  const upload = durationHistogram(meter, 'medley.gateway.upload.duration', 'How long taking a body from its sender into storage took', BUCKETS_S);
  const signature = durationHistogram(meter, 'medley.gateway.signature.duration', 'How long finding out which server has signed a request took', BUCKETS_S);
  return { upload: measureOutcomes(upload, 'stored', 'store upload'), signature: measureOutcomes(signature, 'valid', 'check signature') };
}
