/** The same data with snake_case keys, as all of our JSON has them. */
export function toSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toSnakeKey(key), toSnakeCase(item)]));
}

/** `freedBytes` and `wrong-size` → `freed_bytes` and `wrong_size` */
function toSnakeKey(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('-', '_');
}
