import { faultPoint } from '@medley/fault-points/fault-point';

await faultPoint('sweep.condemned');
await faultPoint('sweep.condemned');
