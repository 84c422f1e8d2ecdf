/** The server's description of its API, read once; and what kinds of resources there are by it. */
import { get } from "./api";
import { filled, kindsOf, type Description, type Json, type JsonObject, type Kind } from "./schema";
import { parsed, type Ref } from "./ref";

export interface Model {
  readonly all: Description;
  readonly kinds: readonly Kind[];
}

let asked: Promise<Model> | null = null;

export async function model(): Promise<Model> {
  asked ??= get<Description>("/openapi.json").then((all) => ({ all, kinds: kindsOf(all) }));
  return asked;
}

export function kindOf(of: Model, kind: string): Kind {
  const found = of.kinds.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`there is no kind ${kind}`);
  return found;
}

/** The names that lead to a resource, from the mesh on. */
export function namesOf(ref: Ref): readonly string[] {
  if (ref.kind === "mesh") return [ref.mesh];
  return ref.parent === null ? [ref.mesh, ref.name] : [ref.mesh, ref.parent, ref.name];
}

/** A resource and its spec as the document that describes them. */
export function documentOf(kind: Kind, names: readonly string[], spec: Json): JsonObject {
  const named = Object.fromEntries(kind.names.map((member, index) => [member, names[index] ?? ""]));
  return { kind: kind.kind, ...named, spec };
}

export interface Described {
  readonly spec: JsonObject;
  readonly metadata: {
    arn: string;
    createdAt: number;
    lastUpdatedAt: number;
    meshOwner: string;
    resourceOwner: string;
    uid: string;
    version: number;
  };
  readonly status: { status: string };
}

export async function describe(resource: string): Promise<Described> {
  const ref = parsed(resource);
  const kind = kindOf(await model(), ref.kind);
  return get<Described>(filled(kind.path, namesOf(ref)));
}

export async function tagsOf(arn: string): Promise<readonly { key: string; value: string }[]> {
  const path = `/v20190125/tags?resourceArn=${encodeURIComponent(arn)}`;
  return (await get<{ tags: { key: string; value: string }[] }>(path)).tags;
}
