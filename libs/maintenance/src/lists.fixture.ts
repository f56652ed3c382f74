/** A digest that begins with these hex digits, and goes on with zeros. */
export function digestOf(digits: string): string {
  return digits.padEnd(64, '0');
}

/** What is yielded, as a generator; `onClose` is told when it is closed. */
export async function* yieldAll<Item>(items: readonly Item[], onClose: () => void = () => {}): AsyncGenerator<Item> {
  try {
    yield* items;
  } finally {
    onClose();
  }
}
