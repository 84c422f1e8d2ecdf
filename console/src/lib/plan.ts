/** Changes before they are made, and made: what they come to, for resources and for proxies. */
import { call, own } from "./api";
import type { Json } from "./schema";

export interface Change {
  readonly resource: string;
  readonly action: "create" | "update" | "delete" | "none";
  readonly before: Json;
  readonly after: Json;
  readonly diff?: string;
  /** What it was found to be. */
  readonly expected: Expected;
}

export interface Reached {
  readonly proxy: string;
  readonly resources: readonly {
    type: string;
    name: string;
    action: "add" | "change" | "remove";
    diff?: string;
  }[];
}

export interface Problem {
  readonly resource: string;
  readonly why: string;
}

export interface Plan {
  readonly changes: readonly Change[];
  readonly sequence?: number;
  readonly problems?: { appear: readonly Problem[]; vanish: readonly Problem[] };
  readonly proxies?: readonly Reached[];
}

/** What was read before: this revision of a resource, or with its name alone that it was not there. */
export interface Expected {
  readonly resource: string;
  readonly uid?: string;
  readonly version?: number;
}

/** What is asked of the server: first, with nothing seen yet, only to be told what would come of it. */
export type Carry = (seen: readonly Expected[] | null) => Promise<Plan>;

export const seenIn = (plan: Plan): readonly Expected[] => plan.changes.map((one) => one.expected);

export function applying(
  documents: readonly Json[],
  gone: readonly string[] = [],
  expected: readonly Expected[] = [],
): Carry {
  const named = new Set(expected.map((one) => one.resource));
  return async (seen) =>
    call<Plan>("POST", own("apply"), {
      documents,
      delete: gone,
      expected: [...expected, ...(seen ?? []).filter((one) => !named.has(one.resource))],
      dryRun: seen === null,
    });
}

export function rollingBack(mesh: string, to: number | string, resource?: string): Carry {
  const only = resource === undefined ? {} : { resource };
  return async (seen) => {
    const guard = seen === null ? { dryRun: true } : { expected: seen };
    return call<Plan>("POST", own("meshes", mesh, "rollback"), { to, ...only, ...guard });
  };
}
