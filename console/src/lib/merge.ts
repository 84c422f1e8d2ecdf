/** Two people's changes of one spec, brought together. Pure. */
import { isList, isObject, type Json, type JsonObject } from "./schema";

export interface Merged {
  readonly value: Json | undefined;
  /** Members that both changed, to different things: there, it is mine. */
  readonly clashes: readonly string[];
}

const same = (one: Json | undefined, other: Json | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** What both changed since they began at the same; a member that is absent is undefined. */
export function merged(
  base: Json | undefined,
  mine: Json | undefined,
  theirs: Json | undefined,
  path = "spec",
): Merged {
  if (same(mine, base) || same(mine, theirs)) return { value: theirs, clashes: [] };
  if (same(theirs, base)) return { value: mine, clashes: [] };
  return inside(base, mine, theirs, path) ?? { value: mine, clashes: [path] };
}

/** Member by member, or item by item, where that is possible. */
function inside(
  base: Json | undefined,
  mine: Json | undefined,
  theirs: Json | undefined,
  path: string,
): Merged | null {
  if (isObject(base) && isObject(mine) && isObject(theirs)) return members(base, mine, theirs, path);
  if (isList(base) && isList(mine) && isList(theirs) && isAligned(base, mine, theirs)) {
    return items(base, mine, theirs, path);
  }
  return null;
}

function members(base: JsonObject, mine: JsonObject, theirs: JsonObject, path: string): Merged {
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])];
  const found = names.map(
    (name) => [name, merged(base[name], mine[name], theirs[name], `${path}.${name}`)] as const,
  );
  const there = found.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value] as const]));
  return { value: Object.fromEntries(there), clashes: found.flatMap(([, { clashes }]) => clashes) };
}

function items(base: readonly Json[], mine: readonly Json[], theirs: readonly Json[], path: string): Merged {
  const found = theirs.map((one, at) => merged(base[at], mine[at], one, `${path}[${at.toString()}]`));
  return {
    value: found.flatMap(({ value }) => (value === undefined ? [] : [value])),
    clashes: found.flatMap(({ clashes }) => clashes),
  };
}

/** Lists of as many objects: an item in the same place is the same item. */
function isAligned(...lists: readonly (readonly Json[])[]): boolean {
  return lists.every((one) => one.length === lists[0]?.length && one.every(isObject));
}
