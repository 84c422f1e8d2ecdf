/** Every page of the console: from the parts of the address to what is shown. */
import type { Component } from "svelte";

// Each page takes what its row below hands over.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loaded = { default: Component<any> };

export interface Page {
  /** Pages of one key are one page: it stays when the address changes. */
  readonly key: string;
  readonly props: Readonly<Record<string, unknown>>;
  load(): Promise<Loaded>;
}

const ABOUT: Readonly<Record<string, () => Promise<Loaded>>> = {
  proxies: () => import("./Proxies.svelte"),
  certificates: () => import("./Certificates.svelte"),
  audit: () => import("./Audit.svelte"),
};

const IN_MESH: Readonly<Record<string, () => Promise<Loaded>>> = {
  resources: () => import("./Resources.svelte"),
  history: () => import("./History.svelte"),
  analysis: () => import("./Analysis.svelte"),
  explain: () => import("./Explain.svelte"),
};

export function pageOf(parts: readonly string[]): Page {
  const [first, mesh, what, ...rest] = parts;
  if (first === undefined) return { key: "meshes", props: {}, load: () => import("./Meshes.svelte") };
  const about = ABOUT[first];
  if (about !== undefined) return { key: first, props: { id: mesh }, load: about };
  if (first === "new-mesh")
    return { key: first, props: { kind: "mesh" }, load: () => import("./Create.svelte") };
  if (first === "meshes" && mesh !== undefined) return inMesh(mesh, what, rest);
  return lost(parts);
}

function inMesh(mesh: string, what: string | undefined, rest: readonly string[]): Page {
  if (what === undefined) {
    return { key: `topology ${mesh}`, props: { mesh }, load: () => import("./Topology.svelte") };
  }
  if (what === "resource") {
    const resource = [mesh, ...rest].join("/");
    return { key: resource, props: { resource }, load: () => import("./Resource.svelte") };
  }
  if (what === "new") {
    const [kind = "virtualNode", parent = ""] = rest;
    return { key: `new ${kind}`, props: { mesh, kind, parent }, load: () => import("./Create.svelte") };
  }
  const load = IN_MESH[what];
  return load === undefined ? lost([mesh, what]) : { key: `${what} ${mesh}`, props: { mesh }, load };
}

function lost(parts: readonly string[]): Page {
  return { key: "lost", props: { path: parts.join("/") }, load: () => import("./Lost.svelte") };
}
