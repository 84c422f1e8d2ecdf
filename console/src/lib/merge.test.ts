import { expect, test } from "vitest";
import { merged } from "./merge";
import type { Json } from "./schema";

const base: Json = {
  a: 1,
  b: { c: 2, d: 3 },
  list: [
    { name: "x", weight: 90 },
    { name: "y", weight: 10 },
  ],
};

test("changes of different members come together", () => {
  const mine: Json = { ...base, a: 5 };
  const theirs: Json = { ...base, b: { c: 2, d: 4 } };
  expect(merged(base, mine, theirs)).toEqual({ value: { ...base, a: 5, b: { c: 2, d: 4 } }, clashes: [] });
});

test("what both changed is mine, and is told", () => {
  const found = merged(base, { ...base, b: { c: 7, d: 3 } }, { ...base, b: { c: 8, d: 3 }, a: 2 });
  expect(found).toEqual({ value: { ...base, a: 2, b: { c: 7, d: 3 } }, clashes: ["spec.b.c"] });
});

test("what one took away is gone, and what one added is there", () => {
  expect(merged({ a: 1, b: 1 }, { a: 1 }, { a: 1, b: 1, c: 1 }).value).toEqual({ a: 1, c: 1 });
});

test("items of lists are brought together where there are as many", () => {
  const mine: Json[] = [
    { name: "x", weight: 90, port: 80 },
    { name: "y", weight: 10 },
  ];
  const theirs: Json[] = [
    { name: "x", weight: 90 },
    { name: "y", weight: 10, port: 81 },
  ];
  expect(merged(base.list, mine, theirs)).toEqual({ value: [mine[0], theirs[1]], clashes: [] });
  expect(merged([1], [2], [1, 3])).toEqual({ value: [2], clashes: ["spec"] });
});
