/** Weights of a route's targets: whole numbers, moved so that their sum stays. */
import { isList, isObject, type Json, type JsonObject } from "./schema";

export interface Target {
  readonly virtualNode: string;
  readonly weight: number;
  readonly port?: number;
}

export const MOST = 100;

/** Where in a route's spec its targets stand: the member of the protocol, and the targets. */
export function targetsOf(spec: JsonObject): { member: string; targets: readonly Target[] } | null {
  for (const [member, rule] of Object.entries(spec)) {
    const action = isObject(rule) ? rule.action : undefined;
    const targets = isObject(action) ? action.weightedTargets : undefined;
    if (isList(targets)) return { member, targets: targets as unknown as readonly Target[] };
  }
  return null;
}

/** A route's spec with other weights. */
export function weighted(spec: JsonObject, weights: readonly number[]): Json {
  const found = targetsOf(spec);
  if (found === null) return spec;
  const rule = spec[found.member] as JsonObject;
  const action = rule.action as JsonObject;
  const weightedTargets = found.targets.map((one, index) => ({
    ...one,
    weight: weights[index] ?? one.weight,
  }));
  return { ...spec, [found.member]: { ...rule, action: { ...action, weightedTargets } } };
}

export const total = (weights: readonly number[]): number => weights.reduce((sum, one) => sum + one, 0);

/** One weight moved; the others share what is left of the sum as they did before. */
export function balanced(weights: readonly number[], index: number, value: number): number[] {
  const sum = total(weights);
  const moved = Math.max(0, Math.min(MOST, Math.round(value), sum));
  const others = weights.filter((_, at) => at !== index);
  const left = sum - moved;
  const before = total(others);
  const exact = others.map((one) => (before === 0 ? left / others.length : (one / before) * left));
  const whole = exact.map(Math.floor);
  // What rounding left over goes to those that lost most by it.
  const order = exact.map((_, at) => at).sort((a, b) => rest(exact, b) - rest(exact, a));
  for (const at of order.slice(0, left - total(whole))) whole[at] = (whole[at] ?? 0) + 1;
  const found = [...whole];
  found.splice(index, 0, moved);
  return found;
}

const rest = (exact: readonly number[], at: number): number => (exact[at] ?? 0) % 1;

/** Each weight's share of their sum. */
export function shares(weights: readonly number[]): number[] {
  const sum = total(weights);
  return weights.map((one) => (sum === 0 ? 0 : one / sum));
}
