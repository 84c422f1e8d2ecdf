/** A resource's name as the API says it: `M/virtualRouter/R/route/X`, read and written. */

export interface Ref {
  readonly mesh: string;
  readonly kind: string;
  readonly name: string;
  readonly parent: string | null;
}

/** The resource that a string names; the mesh itself is a string without a kind. */
export function parsed(resource: string): Ref {
  const [mesh = "", kind, first, below, second] = resource.split("/");
  if (kind === undefined || first === undefined) return { mesh, kind: "mesh", name: mesh, parent: null };
  if (below !== undefined && second !== undefined) return { mesh, kind: below, name: second, parent: first };
  return { mesh, kind, name: first, parent: null };
}

/** What holds the routes of a kind. */
const PARENTS: Readonly<Record<string, string>> = { route: "virtualRouter", gatewayRoute: "virtualGateway" };

export function parentKind(kind: string): string | null {
  return PARENTS[kind] ?? null;
}

export function spelled(ref: Ref): string {
  if (ref.kind === "mesh") return ref.mesh;
  const parent = parentKind(ref.kind);
  const above = parent !== null && ref.parent !== null ? `${parent}/${ref.parent}/` : "";
  return `${ref.mesh}/${above}${ref.kind}/${ref.name}`;
}

/** `virtualNode` as people read it: `Virtual node`. */
export function noun(kind: string): string {
  const words = kind.replace(/[A-Z]/g, (one) => ` ${one.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
