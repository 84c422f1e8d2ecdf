/** Who refers to a resource, and what it refers to. */
import { parentKind, parsed } from "./ref";
import type { Told } from "./topology";

export interface Relation {
  readonly resource: string;
  readonly how: string;
}

const HOW: Readonly<Record<string, string>> = {
  backend: "backend",
  provider: "provider",
  route: "target",
  target: "target",
  gatewayRoute: "target",
};

export function referring(told: Told, resource: string): readonly Relation[] {
  const found = told.edges
    .filter((one) => one.to === resource)
    .map((one) => ({ resource: one.route ?? one.from, how: HOW[one.kind] ?? one.kind }));
  return tidy(found);
}

export function referred(told: Told, resource: string): readonly Relation[] {
  const ref = parsed(resource);
  const above = parentKind(ref.kind);
  const out = told.edges
    .filter((one) => one.route === resource || (one.from === resource && one.route === undefined))
    .map((one) => ({ resource: one.to, how: HOW[one.kind] ?? one.kind }));
  const parent =
    above === null || ref.parent === null
      ? []
      : [{ resource: `${ref.mesh}/${above}/${ref.parent}`, how: "part of" }];
  return tidy([...parent, ...out]);
}

/** The routes of a router or gateway. */
export function routesOf(told: Told, resource: string): readonly Relation[] {
  const found = told.edges.filter((one) => one.from === resource && one.route !== undefined);
  return tidy(found.map((one) => ({ resource: one.route ?? "", how: "route" })));
}

function tidy(found: readonly Relation[]): readonly Relation[] {
  return [...new Map(found.map((one) => [`${one.how} ${one.resource}`, one])).values()];
}
