import { expect, test } from "vitest";
import { folded, type Placed } from "./packing";

const spacing = { width: 200, between: 20, columns: 30, layers: 90 };
const layer = (x: number, count: number): Placed[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${x.toString()}/${index.toString()}`,
    x,
    y: index * 100,
    height: 60,
  }));

function size(places: Map<string, { x: number; y: number }>): { width: number; height: number } {
  const all = [...places.values()];
  return {
    width: Math.max(...all.map((one) => one.x)) + 200,
    height: Math.max(...all.map((one) => one.y)) + 60,
  };
}

test("a layer that is too tall becomes columns, and the whole about as wide as wanted", () => {
  const places = folded([...layer(0, 10), ...layer(300, 290)], spacing, 1.6);
  const { width, height } = size(places);
  expect(places.size).toBe(300);
  expect(width / height).toBeGreaterThan(1.1);
  expect(width / height).toBeLessThan(2.3);
});

test("layers stay in their order", () => {
  const places = folded([...layer(300, 40), ...layer(0, 40)], spacing, 1.6);
  const right = (x: number): number[] =>
    [...places].filter(([id]) => id.startsWith(`${x.toString()}/`)).map(([, at]) => at.x);
  expect(Math.max(...right(0))).toBeLessThan(Math.min(...right(300)));
});

test("no two boxes stand in one place", () => {
  const places = folded([...layer(0, 57), ...layer(300, 113)], spacing, 1.6);
  expect(new Set([...places.values()].map((one) => `${one.x.toString()} ${one.y.toString()}`)).size).toBe(
    170,
  );
});

test("nothing has no places", () => {
  expect(folded([], spacing, 1.6).size).toBe(0);
});
