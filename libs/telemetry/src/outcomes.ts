import type { Meter } from '@opentelemetry/api';

interface Counted<Outcome extends string> {
  readonly name: string;
  readonly description: string;
  /** The label, and all its values. */
  readonly label: string;
  readonly values: readonly Outcome[];
}

/** Counts things by one label whose values are all known. Each of them is shown from the start, with 0. */
export function countOutcomes<Outcome extends string>(meter: Meter, { name, description, label, values }: Counted<Outcome>): (outcome: Outcome) => void {
  const counter = meter.createCounter(name, { description });
  for (const value of values) counter.add(0, { [label]: value });
  return (outcome) => counter.add(1, { [label]: outcome });
}
