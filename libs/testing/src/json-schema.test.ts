import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findFaults, type Schema } from './json-schema.ts';

const SCHEMAS: Readonly<Record<string, Schema>> = { Name: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 } };

function faults(schema: Schema, value: unknown): readonly string[] {
  return findFaults(schema, value, (ref) => SCHEMAS[ref] ?? {});
}

describe('a check by a JSON Schema', () => {
  const right: readonly [what: string, schema: Schema, good: unknown, bad: unknown][] = [
    ['types', { type: 'integer' }, 3, 3.5],
    ['numbers, of which integers are', { type: 'number' }, 3, '3'],
    ['several types', { type: ['string', 'null'] }, null, 1],
    ['objects, which arrays are not', { type: 'object' }, {}, []],
    ['words', { enum: ['a', 'b'] }, 'b', 'c'],
    ['bounds', { minimum: 1, maximum: 2 }, 2, 3],
    ['least bounds', { minimum: 1 }, 1, 0],
    ['references', { $ref: 'Name' }, 'abc', 'abcdef'],
    ['patterns', { $ref: 'Name' }, 'abc', 'AB'],
    ['members that must be there', { required: ['a'] }, { a: null }, { b: 1 }],
    ['members that nobody described', { properties: { a: {} }, additionalProperties: false }, { a: 1 }, { b: 1 }],
    ['what members are', { properties: { a: { type: 'string' } } }, { a: '', b: 1 }, { a: 1 }],
    ['what items are', { items: { type: 'string' } }, ['a'], ['a', 1]],
    ['how many items there are', { maxItems: 1 }, ['a'], ['a', 'b']],
    ['choices', { anyOf: [{ type: 'null' }, { $ref: 'Name' }] }, null, 7],
  ];
  for (const [what, schema, good, bad] of right) {
    it(`is about ${what}`, () => {
      assert.deepEqual(faults(schema, good), []);
      assert.notDeepEqual(faults(schema, bad), []);
    });
  }

  it('says where the fault is', () => {
    const schema = { properties: { list: { items: { required: ['x'] } } } };
    assert.deepEqual(faults(schema, { list: [{ x: 1 }, {}] }), ['$.list[1].x is missing']);
  });

  it('passes over no keyword that it does not know', () => {
    assert.throws(() => faults({ multipleOf: 2 }, 3), /multipleOf/);
  });
});
