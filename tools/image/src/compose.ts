import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseYaml } from '@medley/config/yaml';
import { ROOT } from './image-tree.ts';

export const COMPOSE = join(ROOT, 'deploy/compose');

/** YAML as it is read: maps, lists, and what stands in them. */
export type Tree = Readonly<Record<string, unknown>>;

/** What `docker compose -f … -f …` makes of these files: later ones lie over earlier ones, and add to lists. */
export async function readCompose(...names: readonly string[]): Promise<Tree> {
  let whole: Tree = {};
  for (const name of names) whole = overlay(whole, toTree(inherit(parseYaml(await readFile(join(COMPOSE, name), 'utf8')))));
  return whole;
}

/** A map within a map; an empty one where there is none. */
export function mapAt(tree: Tree, ...path: readonly string[]): Tree {
  return path.reduce((at, key) => toTree(at[key]), tree);
}

/** A list within a map; an empty one where there is none. */
export function listAt(tree: Tree, key: string): readonly unknown[] {
  const value = tree[key];
  return Array.isArray(value) ? value : [];
}

/** Puts what `<<` names below the keys beside it. */
function inherit(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inherit);
  if (!isTree(value)) return value;
  const { '<<': parent, ...own } = value;
  return Object.fromEntries(Object.entries({ ...toTree(parent), ...own }).map(([key, item]) => [key, inherit(item)]));
}

function overlay(below: Tree, above: Tree): Tree {
  const merged = Object.entries(above).map(([key, item]) => {
    const old = below[key];
    if (Array.isArray(old) && Array.isArray(item)) return [key, [...old, ...item]];
    return [key, isTree(old) && isTree(item) ? overlay(old, item) : item];
  });
  return { ...below, ...Object.fromEntries(merged) };
}

function toTree(value: unknown): Tree {
  return isTree(value) ? value : {};
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
