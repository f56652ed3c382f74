/** A JSON Schema, as far as one is understood here. */
export type Schema = Readonly<Record<string, unknown>>;

/** Finds what a `$ref` names. */
export type Resolve = (ref: string) => Schema;

/** Says nothing of a value. */
const ANNOTATIONS = new Set(['description', 'default', '$ref']);

type Check = (rule: unknown, value: unknown, context: { readonly path: string; readonly schema: Schema; readonly resolve: Resolve }) => readonly string[];

const CHECKS: Readonly<Record<string, Check>> = {
  type: (types, value, { path }) => failUnless([types].flat().some((type) => isOfType(type, value)), `${path} is ${typeOf(value)}, not ${String(types)}`),
  enum: (values, value, { path }) => failUnless(asList(values).includes(value), `${path} is ${JSON.stringify(value)}, none of ${String(values)}`),
  pattern: (pattern, value, { path }) => failUnless(typeof value !== 'string' || new RegExp(String(pattern)).test(value), `${path} does not match ${String(pattern)}`),
  minimum: (least, value, { path }) => failUnless(typeof value !== 'number' || value >= Number(least), `${path} is less than ${String(least)}`),
  maximum: (most, value, { path }) => failUnless(typeof value !== 'number' || value <= Number(most), `${path} is more than ${String(most)}`),
  maxLength: (most, value, { path }) => failUnless(typeof value !== 'string' || value.length <= Number(most), `${path} is too long`),
  maxItems: (most, value, { path }) => failUnless(!Array.isArray(value) || value.length <= Number(most), `${path} has too many items`),
  required: (names, value, { path }) => asList(names).flatMap((name) => failUnless(!isObject(value) || Object.hasOwn(value, String(name)), `${path}.${String(name)} is missing`)),
  properties: (properties, value, { path, resolve }) => membersOf(value).flatMap(([name, member]) => {
    const schema = (properties as Readonly<Record<string, Schema>>)[name];
    return schema === undefined ? [] : findFaults(schema, member, resolve, `${path}.${name}`);
  }),
  additionalProperties: (_false, value, { path, schema }) => membersOf(value).flatMap(([name]) => failUnless(isObject(schema['properties']) && name in schema['properties'], `${path}.${name} is not described`)),
  items: (items, value, { path, resolve }) => asList(value).flatMap((item, index) => findFaults(items as Schema, item, resolve, `${path}[${index}]`)),
  anyOf: (schemas, value, { path, resolve }) => {
    const faults = asList(schemas).map((schema) => findFaults(schema as Schema, value, resolve, path));
    return faults.some(({ length }) => length === 0) ? [] : faults.flat();
  },
};

/**
 * What is wrong with a value by a JSON Schema: a line for each fault, or nothing. Knows the few keywords that we use, and throws
 * for every other, so that none is passed over.
 */
export function findFaults(schema: Schema, value: unknown, resolve: Resolve, path = '$'): readonly string[] {
  const referred = schema['$ref'] === undefined ? [] : findFaults(resolve(String(schema['$ref'])), value, resolve, path);
  return Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword)).reduce((faults, [keyword, rule]) => {
    const check = CHECKS[keyword];
    if (check === undefined) throw new Error(`the keyword ${keyword} of JSON Schema is not known here`);
    return [...faults, ...check(rule, value, { path, schema, resolve })];
  }, referred);
}

function failUnless(isRight: boolean, fault: string): readonly string[] {
  return isRight ? [] : [fault];
}

function isOfType(type: unknown, value: unknown): boolean {
  return type === typeOf(value) || (type === 'number' && typeof value === 'number');
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeOf(value) === 'object';
}

function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : [];
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
