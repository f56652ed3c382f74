import type { FaultPoint } from './fault-points.ts';

/** Does nothing. Tests run processes with `--conditions=medley-faults`, which puts fault-point-armed.ts in this place. */
export async function faultPoint(_name: FaultPoint): Promise<void> {}
