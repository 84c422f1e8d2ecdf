/**
 * The graph of a mesh, and what is drawn of it: each resource by itself, or one box a service.
 *
 * Pure: what the server tells goes in, boxes and lines come out.
 */
import type { Latency, TrafficEdge } from "./live.svelte";

export type Health = "ok" | "warning" | "failing" | "unknown";

export interface Proxies {
  readonly connected: number;
  readonly inSync: number;
  readonly refused: number;
}

export interface Told {
  readonly nodes: readonly {
    id: string;
    kind: string;
    name: string;
    health: Health;
    problems: readonly string[];
    proxies: Proxies;
  }[];
  readonly edges: readonly {
    from: string;
    to: string;
    kind: string;
    weight?: number;
    port?: number;
    protocol?: string;
    route?: string;
  }[];
}

/** A part of a box: a virtual node that a service leads to, and its share of the weights. */
export interface Part {
  readonly id: string;
  readonly name: string;
  readonly health: Health;
  readonly share: number | null;
}

export interface Box {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly health: Health;
  readonly problems: readonly string[];
  readonly proxies: Proxies;
  readonly parts: readonly Part[];
  /** Somebody leads to it, and it is not there. */
  readonly isMissing: boolean;
}

export interface Line {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  /** The share of the weights that it has, if there is a choice. */
  readonly share: number | null;
}

export interface View {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  /** The lines that requests from a node to a node take, by way of a service. */
  path(edge: TrafficEdge): readonly string[];
}

export interface Flow {
  readonly requests: number;
  readonly successRate: number | null;
  readonly latencyMs: number | null;
}

const NONE: Proxies = { connected: 0, inSync: 0, refused: 0 };
const RANK: Readonly<Record<Health, number>> = { ok: 0, unknown: 1, warning: 2, failing: 3 };

export function worst(found: readonly Health[]): Health {
  return found.reduce<Health>((bad, one) => (RANK[one] > RANK[bad] ? one : bad), "ok");
}

const lineId = (from: string, to: string): string => `${from}→${to}`;

function grouped<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const group = found.get(key(item));
    if (group === undefined) found.set(key(item), [item]);
    else group.push(item);
  }
  return found;
}

/** A target's share of all weights of what leads to it. */
function shares(told: Told): Map<string, number> {
  const found = new Map<string, number>();
  const weighted = told.edges.filter((one) => one.weight !== undefined);
  for (const [from, edges] of grouped(weighted, (one) => one.from)) {
    const total = edges.reduce((sum, one) => sum + (one.weight ?? 0), 0);
    for (const [to, same] of grouped(edges, (one) => one.to)) {
      const own = same.reduce((sum, one) => sum + (one.weight ?? 0), 0);
      found.set(lineId(from, to), total === 0 ? 0 : own / total);
    }
  }
  return found;
}

function missing(id: string): Box {
  const [, kind = "", name = ""] = id.split("/");
  const problems = ["others lead to it, and it is not there"];
  return { id, kind, name, health: "failing", problems, proxies: NONE, parts: [], isMissing: true };
}

/** What a node answers for: the service's name as traffic tells it, as a resource. */
function serviceId(edge: TrafficEdge): string | null {
  if (edge.service === undefined || edge.service === "") return null;
  if (edge.service.includes("/virtualService/")) return edge.service;
  return `${edge.from.split("/")[0] ?? ""}/virtualService/${edge.service}`;
}

/** Each resource by itself. */
export function resourceView(told: Told): View {
  const share = shares(told);
  const boxes: Box[] = told.nodes.map((one) => ({ ...one, parts: [], isMissing: false }));
  const known = new Set(boxes.map((one) => one.id));
  for (const edge of told.edges) {
    if (!known.has(edge.to)) boxes.push(missing(edge.to));
    known.add(edge.to);
  }
  const lines = [...grouped(told.edges, (one) => lineId(one.from, one.to))].map(([id, [edge]]) => ({
    id,
    from: edge?.from ?? "",
    to: edge?.to ?? "",
    kind: edge?.kind ?? "",
    share: share.get(id) ?? null,
  }));
  return { boxes, lines, path: resourcePath(new Set(lines.map((one) => one.id)), told) };
}

function resourcePath(ids: ReadonlySet<string>, told: Told): View["path"] {
  const providers = new Map(
    told.edges.filter((one) => one.kind === "provider").map((one) => [one.from, one.to]),
  );
  const before = servicesBefore(told);
  return (edge) => {
    const service = serviceId(edge) ?? before(edge);
    if (service === null) return [];
    const provider = providers.get(service);
    const steps = [edge.from, service, ...(provider === undefined ? [] : [provider]), edge.to];
    const found = steps.slice(1).map((to, index) => lineId(steps[index] ?? "", to));
    return found.filter((id) => ids.has(id));
  };
}

/** For traffic that names no service: the only one that leads from a caller to a node. */
function servicesBefore(told: Told): (edge: TrafficEdge) => string | null {
  const asked = grouped(
    told.edges.filter((one) => one.kind === "backend" || one.kind === "gatewayRoute"),
    (one) => one.from,
  );
  const nodes = nodesOfServices(told);
  return (edge) => {
    const fitting = (asked.get(edge.from) ?? []).filter((one) => nodes.get(one.to)?.has(edge.to));
    return new Set(fitting.map((one) => one.to)).size === 1 ? (fitting[0]?.to ?? null) : null;
  };
}

/** Which virtual nodes each service leads to, with their share. */
function nodesOfServices(told: Told): Map<string, Map<string, number | null>> {
  const share = shares(told);
  const onward = grouped(
    told.edges.filter((one) => one.kind === "route" || one.kind === "target"),
    (one) => one.from,
  );
  const found = new Map<string, Map<string, number | null>>();
  for (const edge of told.edges) {
    if (edge.kind !== "provider") continue;
    const nodes = new Map<string, number | null>();
    const through = onward.get(edge.to);
    if (edge.to.includes("/virtualNode/")) nodes.set(edge.to, null);
    for (const one of through ?? []) nodes.set(one.to, share.get(lineId(one.from, one.to)) ?? null);
    found.set(edge.from, nodes);
  }
  return found;
}

/** One box a service, with its router and its nodes in it; what answers for no service stands by itself. */
export function serviceView(told: Told): View {
  const byId = new Map(told.nodes.map((one) => [one.id, one]));
  const nodes = nodesOfServices(told);
  const owners = ownersOf(nodes);
  const routers = new Map(
    told.edges.filter((one) => one.kind === "provider").map((one) => [one.from, one.to]),
  );
  const inside = new Set([...owners.keys(), ...routers.values()]);
  const boxes = told.nodes
    .filter((one) => one.kind === "virtualService" || !inside.has(one.id))
    .map((one) => serviceBox(one, nodes.get(one.id), routers.get(one.id), byId));
  const known = new Set(boxes.map((one) => one.id));
  const lines = new Map<string, Line>();
  for (const edge of told.edges) {
    if (edge.kind !== "backend" && edge.kind !== "gatewayRoute") continue;
    if (!known.has(edge.to)) boxes.push(missing(edge.to));
    known.add(edge.to);
    for (const from of owners.get(edge.from) ?? [edge.from]) {
      const id = lineId(from, edge.to);
      lines.set(id, { id, from, to: edge.to, kind: edge.kind, share: null });
    }
  }
  return { boxes, lines: [...lines.values()], path: servicePath(told, owners, lines) };
}

/** Which services lead to each virtual node. */
function ownersOf(nodes: ReadonlyMap<string, ReadonlyMap<string, number | null>>): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const [service, parts] of nodes) {
    for (const id of parts.keys()) owners.set(id, [...(owners.get(id) ?? []), service]);
  }
  return owners;
}

function servicePath(
  told: Told,
  owners: ReadonlyMap<string, string[]>,
  lines: ReadonlyMap<string, Line>,
): View["path"] {
  const before = servicesBefore(told);
  return (edge) => {
    const service = serviceId(edge) ?? before(edge);
    if (service === null) return [];
    const starts = owners.get(edge.from) ?? [edge.from];
    return starts.map((from) => lineId(from, service)).filter((id) => lines.has(id));
  };
}

function serviceBox(
  one: Told["nodes"][number],
  nodes: ReadonlyMap<string, number | null> | undefined,
  router: string | undefined,
  byId: ReadonlyMap<string, Told["nodes"][number]>,
): Box {
  const inside = [...(nodes ?? new Map<string, number | null>())];
  const parts = inside.map(([id, share]) => ({
    id,
    name: byId.get(id)?.name ?? id.split("/").at(-1) ?? id,
    health: byId.get(id)?.health ?? ("failing" as Health),
    share,
  }));
  const members = [router, ...inside.map(([id]) => id)].flatMap((id) => byId.get(id ?? "") ?? []);
  const proxies = members.reduce((sum, found) => added(sum, found.proxies), one.proxies);
  return {
    ...one,
    health: worst([one.health, ...members.map((found) => found.health), ...parts.map((part) => part.health)]),
    problems: [
      ...one.problems,
      ...members.flatMap((found) => found.problems.map((why) => `${found.name}: ${why}`)),
    ],
    proxies,
    parts,
    isMissing: false,
  };
}

function added(left: Proxies, right: Proxies): Proxies {
  return {
    connected: left.connected + right.connected,
    inSync: left.inSync + right.inSync,
    refused: left.refused + right.refused,
  };
}

export function latency(found: Latency | null | undefined): number | null {
  return found?.p50 ?? found?.mean ?? null;
}

/** What flows on each line, summed over all requests that take it. */
export function flows(view: View, edges: readonly TrafficEdge[]): Map<string, Flow> {
  const sums = new Map<string, { requests: number; errors: number; timed: number; time: number }>();
  for (const edge of edges) {
    for (const id of view.path(edge)) {
      const sum = sums.get(id) ?? { requests: 0, errors: 0, timed: 0, time: 0 };
      const took = latency(edge.latencyMs);
      sum.requests += edge.requestsPerSecond;
      sum.errors += edge.errorsPerSecond;
      if (took !== null) {
        sum.timed += edge.requestsPerSecond;
        sum.time += took * edge.requestsPerSecond;
      }
      sums.set(id, sum);
    }
  }
  return new Map([...sums].map(([id, sum]) => [id, flow(sum)]));
}

function flow(sum: { requests: number; errors: number; timed: number; time: number }): Flow {
  return {
    requests: sum.requests,
    successRate: sum.requests > 0 ? Math.max(0, 1 - sum.errors / sum.requests) : null,
    latencyMs: sum.timed > 0 ? sum.time / sum.timed : null,
  };
}

/** What a box is and all that it is led from and leads to, so many steps away. */
export function neighbourhood(view: View, center: string, steps: number): Set<string> {
  const found = new Set([center]);
  const walk = (step: (line: Line) => readonly [string, string]): void => {
    let edge = new Set([center]);
    for (let left = steps; left > 0 && edge.size > 0; left -= 1) {
      const next = new Set<string>();
      for (const line of view.lines) {
        const [here, there] = step(line);
        if (edge.has(here) && !found.has(there)) next.add(there);
      }
      for (const one of next) found.add(one);
      edge = next;
    }
  };
  walk((line) => [line.from, line.to]);
  walk((line) => [line.to, line.from]);
  return found;
}

/** The part of a view that is wanted. */
export function only(view: View, isWanted: (box: Box) => boolean): View {
  const boxes = view.boxes.filter(isWanted);
  const kept = new Set(boxes.map((one) => one.id));
  return { ...view, boxes, lines: view.lines.filter((one) => kept.has(one.from) && kept.has(one.to)) };
}

/** Which boxes a text is found in: in their names, and in those of their parts. */
export function matching(boxes: readonly Box[], text: string): Set<string> | null {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return null;
  const has = (name: string): boolean => name.toLowerCase().includes(wanted);
  return new Set(
    boxes.filter((one) => has(one.name) || one.parts.some((part) => has(part.name))).map((one) => one.id),
  );
}

/** Where traffic ends: what arrives at each box over the lines that are drawn. */
export function arriving(view: View, found: ReadonlyMap<string, Flow>): Map<string, Flow> {
  const sums = new Map<string, Flow>();
  for (const line of view.lines) {
    const one = found.get(line.id);
    if (one === undefined) continue;
    const sum = sums.get(line.to);
    sums.set(line.to, sum === undefined ? one : joined(sum, one));
  }
  return sums;
}

function joined(left: Flow, right: Flow): Flow {
  const requests = left.requests + right.requests;
  const mix = (a: number | null, b: number | null): number | null => {
    if (a === null || b === null) return a ?? b;
    return requests === 0 ? a : (a * left.requests + b * right.requests) / requests;
  };
  return {
    requests,
    successRate: mix(left.successRate, right.successRate),
    latencyMs: mix(left.latencyMs, right.latencyMs),
  };
}
