import { expect, test } from "vitest";
import {
  assigned,
  filled,
  isWithin,
  kindsOf,
  least,
  namedKind,
  resolved,
  spelledPath,
  type Description,
} from "./schema";

const all: Description = {
  paths: {
    "/v/meshes/{meshName}/virtualRouter/{virtualRouterName}/routes": {
      put: {
        operationId: "CreateRoute",
        requestBody: {
          content: { "application/json": { schema: { $ref: "#/components/schemas/CreateRouteInput" } } },
        },
      },
    },
    "/v/meshes/{meshName}/virtualRouter/{virtualRouterName}/routes/{routeName}": {
      get: { operationId: "DescribeRoute" },
    },
  },
  components: {
    schemas: {
      CreateRouteInput: {
        type: "object",
        properties: {
          spec: { $ref: "#/components/schemas/Spec" },
          routeName: { type: "string" },
          tags: { type: "array" },
        },
        required: ["spec", "routeName"],
      },
      Spec: {
        type: "object",
        description: "a spec",
        properties: {
          targets: { $ref: "#/components/schemas/Targets", description: "who" },
          name: { type: "string" },
        },
        required: ["targets"],
      },
      Targets: { type: "array", minItems: 1, items: { $ref: "#/components/schemas/Choice" } },
      Choice: {
        type: "object",
        maxProperties: 1,
        properties: { one: { type: "integer", minimum: 1 }, two: { enum: ["a", "b"] } },
      },
    },
  },
};

test("a kind is what can be created, named by its path", () => {
  const [route] = kindsOf(all);
  expect(route?.kind).toBe("route");
  expect(route?.names).toEqual(["meshName", "virtualRouterName", "routeName"]);
  expect(filled(route?.path ?? "", ["m", "r", "x y"])).toBe("/v/meshes/m/virtualRouter/r/routes/x%20y");
});

test("what is said beside a reference stands before what it refers to", () => {
  const spec = resolved({ $ref: "#/components/schemas/Spec" }, all);
  expect(resolved(spec.properties?.targets ?? {}, all).description).toBe("who");
});

test("the least value holds what must be there, and one way of a choice", () => {
  expect(least({ $ref: "#/components/schemas/Spec" }, all)).toEqual({ targets: [{ one: 1 }] });
});

test("a value is put at its path, and taken away, without touching the rest", () => {
  const before = { a: [{ b: 1 }, { b: 2 }], c: true };
  expect(assigned(before, ["a", 1, "b"], 3)).toEqual({ a: [{ b: 1 }, { b: 3 }], c: true });
  expect(assigned(before, ["a", 0], undefined)).toEqual({ a: [{ b: 2 }], c: true });
  expect(assigned(before, ["c"], undefined)).toEqual({ a: [{ b: 1 }, { b: 2 }] });
  expect(before).toEqual({ a: [{ b: 1 }, { b: 2 }], c: true });
});

test("paths are spelled as the server spells them", () => {
  expect(spelledPath(["spec", "listeners", 0, "port"])).toBe("spec.listeners[0].port");
  expect(isWithin("spec.listeners[0].port", "spec.listeners")).toBe(true);
  expect(isWithin("spec.listenersToo", "spec.listeners")).toBe(false);
});

test("a member that is called as a kind names one of that kind", () => {
  expect(namedKind("routeName", kindsOf(all))).toBe("route");
  expect(namedKind("hostname", kindsOf(all))).toBeNull();
});
