/**
 * The shapes of the API as the server describes them, and values that fit them.
 *
 * Pure. What a kind is called and holds comes from the description alone; nothing of the model stands here.
 */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxProperties?: number;
  readonly "x-rules"?: readonly string[];
}

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string }[];
  readonly requestBody?: { content: Readonly<Record<string, { schema: Schema }>> };
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };
export type Path = readonly (string | number)[];

/** A kind of resource, as the operation that creates it tells. */
export interface Kind {
  readonly kind: string;
  /** The members of a document that name it, from the mesh on; the last is its own. */
  readonly names: readonly string[];
  readonly spec: Schema;
  readonly name: Schema;
  /** Where one of them is, with a place for each name. */
  readonly path: string;
  /** Where all of them are listed. */
  readonly listed: string;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** What a schema stands for; what is said beside a reference is kept. */
export function resolved(schema: Schema, all: Description): Schema {
  if (schema.$ref === undefined) return schema;
  const named = all.components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {};
  const { $ref: _, ...beside } = schema;
  return { ...resolved(named, all), ...beside };
}

export function isUnion(schema: Schema): boolean {
  return schema.maxProperties === 1;
}

export function kindsOf(all: Description): readonly Kind[] {
  const paths = new Map<string, string>();
  for (const [path, operations] of Object.entries(all.paths)) {
    for (const one of Object.values(operations)) paths.set(one.operationId, path);
  }
  const found = [...paths].flatMap(([id, listed]) => {
    if (!id.startsWith("Create")) return [];
    const noun = id.slice("Create".length);
    const body = bodyOf(all, listed, id);
    const name = body.required?.find((one) => one !== "spec" && one !== "clientToken");
    const spec = body.properties?.spec;
    const path = paths.get(`Describe${noun}`);
    const own = name === undefined ? undefined : body.properties?.[name];
    if (name === undefined || own === undefined || spec === undefined || path === undefined) return [];
    const kind = noun.charAt(0).toLowerCase() + noun.slice(1);
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
    // What the spec is, not what it is to whoever creates one.
    const { description: _, ...shape } = spec;
    return [{ kind, names, spec: shape, name: own, path, listed }];
  });
  return found;
}

function bodyOf(all: Description, path: string, id: string): Schema {
  const operation = Object.values(all.paths[path] ?? {}).find((one) => one.operationId === id);
  const schema = Object.values(operation?.requestBody?.content ?? {})[0]?.schema;
  return schema === undefined ? {} : resolved(schema, all);
}

/** A path with its names filled in, in their order. */
export function filled(path: string, names: readonly string[]): string {
  const left = [...names];
  return path.replace(/\{\w+\}/g, () => encodeURIComponent(left.shift() ?? ""));
}

/** The least that fits a schema: what must be there, empty. */
export function least(given: Schema, all: Description): Json {
  const schema = resolved(given, all);
  if (schema.enum !== undefined) return schema.enum[0] ?? "";
  if (schema.type === "object") return leastObject(schema, all);
  if (schema.type === "array") return leastList(schema, all);
  if (schema.type === "boolean") return false;
  return schema.type === "integer" || schema.type === "number" ? Math.max(schema.minimum ?? 0, 0) : "";
}

function leastList(schema: Schema, all: Description): Json {
  const isNeeded = (schema.minItems ?? 0) > 0 && schema.items !== undefined;
  return isNeeded ? [least(schema.items, all)] : [];
}

function leastObject(schema: Schema, all: Description): Json {
  const members = Object.entries(schema.properties ?? {});
  const wanted = isUnion(schema)
    ? members.slice(0, 1)
    : members.filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries(wanted.map(([name, member]) => [name, least(member, all)]));
}

/** A value with another one at a path; undefined takes away what is there. */
export function assigned(value: Json | undefined, path: Path, put: Json | undefined): Json | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return put;
  if (typeof first === "number") {
    const list = isList(value) ? value : [];
    const inner = assigned(list[first], rest, put);
    return inner === undefined ? list.filter((_, index) => index !== first) : list.with(first, inner);
  }
  const object = isObject(value) ? value : {};
  const inner = assigned(object[first], rest, put);
  if (inner !== undefined) return { ...object, [first]: inner };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== first));
}

/** A path as the server spells it: `spec.listeners[0].portMapping`. */
export function spelledPath(path: Path): string {
  return path.reduce<string>((said, part) => {
    if (typeof part === "number") return `${said}[${part.toString()}]`;
    return said === "" ? part : `${said}.${part}`;
  }, "");
}

/** Whether one path is another, or lies below it. */
export function isWithin(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`);
}

/** What a member's name tells of the resources that it may name: `virtualNodeName` names a virtual node. */
export function namedKind(member: string, kinds: readonly Kind[]): string | null {
  const stem = member.replace(/Name$/, "");
  return kinds.some((one) => one.kind === stem) && stem !== "mesh" ? stem : null;
}
