import { expect, test } from "vitest";
import { flows, matching, neighbourhood, resourceView, serviceView, type Told } from "./topology";

const none = { connected: 0, inSync: 0, refused: 0 };
const node = (id: string, problems: string[] = []): Told["nodes"][number] => ({
  id: `m/${id}`,
  kind: id.split("/")[0] ?? "",
  name: id.split("/")[1] ?? "",
  health: problems.length > 0 ? "warning" : "ok",
  problems,
  proxies: none,
});

const told: Told = {
  nodes: [
    node("virtualNode/a"),
    node("virtualNode/v1"),
    node("virtualNode/v2", ["has no listener"]),
    node("virtualRouter/b"),
    node("virtualService/b.local"),
  ],
  edges: [
    { from: "m/virtualNode/a", to: "m/virtualService/b.local", kind: "backend" },
    { from: "m/virtualService/b.local", to: "m/virtualRouter/b", kind: "provider" },
    { from: "m/virtualRouter/b", to: "m/virtualNode/v1", kind: "route", weight: 30 },
    { from: "m/virtualRouter/b", to: "m/virtualNode/v2", kind: "route", weight: 10 },
    { from: "m/virtualNode/v1", to: "m/virtualService/gone.local", kind: "backend" },
  ],
};
const asked = (to: string, requestsPerSecond: number, errorsPerSecond = 0) => ({
  from: "m/virtualNode/a",
  to: `m/virtualNode/${to}`,
  service: "b.local",
  requestsPerSecond,
  errorsPerSecond,
  successRate: 1,
  latencyMs: { p50: 4 },
});

test("weights become shares of all that leads on", () => {
  const shares = resourceView(told).lines.map((one) => one.share);
  expect(shares).toEqual([null, null, 0.75, 0.25, null]);
});

test("what others lead to and is not there is shown as missing", () => {
  const missing = resourceView(told).boxes.filter((one) => one.isMissing);
  expect(missing.map((one) => one.name)).toEqual(["gone.local"]);
});

test("a service's box holds its router and its nodes, and is as well as the worst of them", () => {
  const view = serviceView(told);
  expect(view.boxes.map((one) => one.name)).toEqual(["a", "b.local", "gone.local"]);
  const box = view.boxes.find((one) => one.name === "b.local");
  expect(box?.parts.map((one) => one.name)).toEqual(["v1", "v2"]);
  expect(box?.health).toBe("warning");
  expect(box?.problems).toEqual(["v2: has no listener"]);
});

test("what a service's nodes call, the service calls", () => {
  const lines = serviceView(told).lines.map((one) => [one.from, one.to]);
  expect(lines).toContainEqual(["m/virtualService/b.local", "m/virtualService/gone.local"]);
});

test("requests flow over the service and its router to the node that took them", () => {
  const found = flows(resourceView(told), [asked("v1", 30), asked("v2", 10, 1)]);
  expect(found.get("m/virtualNode/a→m/virtualService/b.local")).toEqual({
    requests: 40,
    successRate: 0.975,
    latencyMs: 4,
  });
  expect(found.get("m/virtualRouter/b→m/virtualNode/v2")?.requests).toBe(10);
});

test("requests that name no service take the only way there is", () => {
  const { service: _, ...anonymous } = asked("v1", 30);
  const found = flows(serviceView(told), [anonymous]);
  expect(found.get("m/virtualNode/a→m/virtualService/b.local")?.requests).toBe(30);
});

test("a neighbourhood is what leads there and what it leads to", () => {
  const near = neighbourhood(resourceView(told), "m/virtualService/b.local", 1);
  expect([...near].sort()).toEqual(["m/virtualNode/a", "m/virtualRouter/b", "m/virtualService/b.local"]);
});

test("a search looks into boxes too", () => {
  expect(matching(serviceView(told).boxes, "V2")).toEqual(new Set(["m/virtualService/b.local"]));
  expect(matching(serviceView(told).boxes, " ")).toBeNull();
});
