/** How the drawn graph looks right now: boxes and lines read it by themselves, so that nothing is drawn anew. */
import type { Flow } from "./topology";

class Picture {
  /** Which boxes a search found; null without a search. */
  found = $state.raw<ReadonlySet<string> | null>(null);
  chosen = $state<string | null>(null);
  flows = $state.raw<ReadonlyMap<string, Flow>>(new Map());
  arriving = $state.raw<ReadonlyMap<string, Flow>>(new Map());
  /** Too small to be read in full: names only, and larger. */
  isFar = $state(false);
  isTall = $state(false);
}

export const picture = new Picture();

/** Good, not so good, bad: of a share of requests that went well. */
export function quality(successRate: number | null): "ok" | "warning" | "failing" {
  if (successRate === null || successRate >= 0.99) return "ok";
  return successRate >= 0.95 ? "warning" : "failing";
}
