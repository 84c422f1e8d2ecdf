/** What was edited and is not saved yet: it outlives a look at another page, and leaves with the person. */
import { SvelteMap } from "svelte/reactivity";
import type { Json } from "./schema";

/** A revision that somebody began at. */
export interface Base {
  readonly spec: Json;
  readonly uid: string;
  readonly version: number;
}

export interface Draft {
  readonly base: Base;
  readonly spec: Json;
}

/** By resource. */
export const drafts = new SvelteMap<string, Draft>();

addEventListener("beforeunload", (event) => {
  if (drafts.size > 0) event.preventDefault();
});
