import { expect, test } from "vitest";
import type { Json } from "./schema";
import { yaml } from "./yaml";

test("a spec reads as people write it", () => {
  const spec: Json = {
    listeners: [
      { port: 80, tls: {} },
      { port: 81, hosts: [] },
    ],
    name: "a.b/c",
    on: "on",
    "a:b": "1",
    none: null,
  };
  expect(yaml(spec)).toBe(
    'listeners:\n- port: 80\n  tls: {}\n- port: 81\n  hosts: []\nname: a.b/c\n"on": "on"\n"a:b": "1"\nnone: null\n',
  );
});
