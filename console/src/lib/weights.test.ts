import { expect, test } from "vitest";
import type { JsonObject } from "./schema";
import { balanced, shares, targetsOf, total, weighted } from "./weights";

const spec: JsonObject = {
  priority: 1,
  http2Route: {
    match: { prefix: "/" },
    action: {
      weightedTargets: [
        { virtualNode: "a", weight: 90, port: 80 },
        { virtualNode: "b", weight: 10 },
      ],
    },
  },
};

test("the targets of a route are found whatever it speaks", () => {
  expect(targetsOf(spec)?.targets.map((one) => one.virtualNode)).toEqual(["a", "b"]);
  expect(targetsOf({})).toBeNull();
});

test("other weights leave the rest of the spec as it is", () => {
  expect(weighted(spec, [0, 100])).toEqual({
    priority: 1,
    http2Route: {
      match: { prefix: "/" },
      action: {
        weightedTargets: [
          { virtualNode: "a", weight: 0, port: 80 },
          { virtualNode: "b", weight: 100 },
        ],
      },
    },
  });
});

test("of two weights, one takes what the other gives", () => {
  expect(balanced([90, 10], 1, 50)).toEqual([50, 50]);
  expect(balanced([90, 10], 0, 100)).toEqual([100, 0]);
  expect(balanced([100, 0], 0, 40)).toEqual([40, 60]);
});

test("of many weights, the others keep their proportions and all keep their sum", () => {
  expect(balanced([60, 30, 10], 0, 20)).toEqual([20, 60, 20]);
  expect(balanced([0, 0, 99], 2, 50)).toEqual([25, 24, 50]);
  for (let value = 0; value <= 100; value += 1) expect(total(balanced([34, 33, 33], 1, value))).toBe(100);
});

test("no weight is moved beyond the sum", () => {
  expect(balanced([1, 1], 0, 100)).toEqual([2, 0]);
});

test("weights of nothing have no shares", () => {
  expect(shares([0, 0])).toEqual([0, 0]);
});
