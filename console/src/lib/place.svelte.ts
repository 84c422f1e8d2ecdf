/** Where the console is: the address is the state, so that every view can be bookmarked and sent to others. */

const BASE = "/console/";

class Place {
  path = $state("");
  query = $state.raw<ReadonlyMap<string, string>>(new Map());
  /** The decoded parts of the path. */
  parts = $derived(this.path.split("/").filter(Boolean).map(decodeURIComponent));
  mesh = $derived(this.parts[0] === "meshes" ? (this.parts[1] ?? null) : null);

  constructor() {
    this.read();
  }

  read(): void {
    this.path = location.pathname.startsWith(BASE) ? location.pathname.slice(BASE.length) : "";
    this.query = new Map(new URL(location.href).searchParams);
  }
}

export const place = new Place();

/** A query of what is not empty. */
export function searchOf(query: Readonly<Record<string, string>>): string {
  const said = Object.entries(query).filter(([, value]) => value !== "");
  return said.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
}

/** The address of a place in the console; each part is escaped. */
export function to(parts: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const search = searchOf(query);
  return `${BASE}${parts.map(encodeURIComponent).join("/")}${search === "" ? "" : `?${search}`}`;
}

/** The address of a resource's page. */
export function toResource(resource: string, query: Readonly<Record<string, string>> = {}): string {
  const [mesh = "", ...rest] = resource.split("/");
  return to(["meshes", mesh, "resource", ...rest], query);
}

export function go(address: string, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  place.read();
  if (how === "push") arrive();
}

/** Change one member of the query, and stay where we are. */
export function ask(name: string, value: string): void {
  const search = searchOf({ ...Object.fromEntries(place.query), [name]: value });
  go(location.pathname + (search === "" ? "" : `?${search}`), "replace");
}

/** A new page begins at its top, and screen readers at its heading. */
function arrive(): void {
  scrollTo(0, 0);
  requestAnimationFrame(() => document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true }));
}

function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.defaultPrevented && !(event.metaKey || event.ctrlKey || event.shiftKey);
}

/** Follow the links and the browser's own buttons. */
export function followLinks(): void {
  addEventListener("popstate", () => {
    place.read();
  });
  document.addEventListener("click", (event) => {
    if (!isPlain(event) || !(event.target instanceof Element)) return;
    const link = event.target.closest("a");
    if (link === null || link.origin !== location.origin || link.target !== "") return;
    if (!link.pathname.startsWith(BASE)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
