/** Where the boxes of a view stand: laid out in layers by ELK, in a worker, so that the page never waits. */
import type { ElkNode, ELK } from "elkjs/lib/elk-api";
import ElkApi from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import { folded } from "./packing";
import type { Box, View } from "./topology";

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export const WIDTH = 216;
const HEAD = 58;
const PART = 22;
const MOST_PARTS = 4;

let elk: ELK | null = null;

/** A graph of more boxes is folded, so that all of it is seen at once. */
const MANY = 40;
const RATIO = 1.6;

/** A single part says nothing that its box does not. */
export function shownParts(box: Box): number {
  return box.parts.length === 1 ? 0 : Math.min(box.parts.length, MOST_PARTS);
}

export function height(box: Box): number {
  const parts = shownParts(box);
  const more = box.parts.length > MOST_PARTS ? 1 : 0;
  return HEAD + (parts === 0 ? 0 : (parts + more) * PART + 6);
}

export async function laidOut(view: View, direction: "RIGHT" | "DOWN"): Promise<Map<string, Spot>> {
  const isFolded = direction === "RIGHT" && view.boxes.length > MANY;
  elk ??= new ElkApi({ workerFactory: () => new Worker(workerUrl) });
  const graph: ElkNode = {
    id: "mesh",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": direction,
      "elk.spacing.nodeNode": "22",
      "elk.spacing.componentComponent": "36",
      "elk.layered.spacing.nodeNodeBetweenLayers": direction === "RIGHT" ? "128" : "72",
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
      // Of what is folded only the order counts, and the best place is the dearest part of a layout.
      "elk.layered.nodePlacement.strategy": isFolded
        ? "SIMPLE"
        : view.boxes.length > 150
          ? "BRANDES_KOEPF"
          : "NETWORK_SIMPLEX",
      "elk.layered.thoroughness": view.boxes.length > 150 ? "3" : "7",
      "elk.aspectRatio": "1.7",
    },
    children: view.boxes.map((box) => ({ id: box.id, width: WIDTH, height: height(box) })),
    edges: view.lines.map((line) => ({ id: line.id, sources: [line.from], targets: [line.to] })),
  };
  const found = await elk.layout(graph);
  const placed = (found.children ?? []).map(({ id, x = 0, y = 0, height: tall = HEAD }) => ({
    id,
    x,
    y,
    height: tall,
  }));
  if (isFolded) {
    return folded(placed, { width: WIDTH, between: 18, columns: 26, layers: 96 }, RATIO);
  }
  return new Map(placed.map((one) => [one.id, { x: one.x, y: one.y }]));
}
