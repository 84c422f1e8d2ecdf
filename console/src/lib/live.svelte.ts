/** What happens, as it happens: server-sent events of the control plane, kept for as long as charts look back. */
import { get, own } from "./api";
import { session } from "./session.svelte";

export interface Latency {
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  readonly mean?: number;
}

export interface TrafficEdge {
  readonly from: string;
  readonly to: string;
  readonly service?: string;
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
  readonly successRate: number | null;
  readonly latencyMs: Latency | null;
  readonly activeRequests?: number;
}

export interface Traffic {
  readonly at: string;
  readonly windowSeconds: number;
  readonly edges: readonly TrafficEdge[];
  readonly nodes: readonly {
    id: string;
    requestsPerSecond: number;
    successRate: number | null;
    latencyMs: Latency | null;
  }[];
}

export interface ProxyType {
  /** How many answers. */
  readonly sent: number;
  readonly accepted: number;
  readonly refused: number;
  readonly sentAt: string | null;
  readonly acceptedAt: string | null;
  readonly refusedAt: string | null;
  readonly refusal: string | null;
}

export interface Proxy {
  readonly stream: string | number;
  readonly node: string;
  readonly mesh: string;
  readonly kind: string;
  readonly name: string;
  readonly endpoint: string;
  readonly state: "in sync" | "updating" | "refused";
  readonly stale: boolean;
  readonly since?: string | null;
  readonly waitingSince?: string | null;
  readonly connectedAt: string;
  readonly envoy: string;
  readonly protocol: string;
  /** The version of our agent that started it; not there for another. */
  readonly agent?: string;
  readonly gone?: boolean;
  readonly types: Readonly<Record<string, ProxyType>>;
}

/** What a proxy refused, by type, in Envoy's words. */
export function refusals(proxy: Proxy): readonly (readonly [string, string])[] {
  return Object.entries(proxy.types).flatMap(([type, { refusal }]) =>
    refusal === null ? [] : [[type, refusal] as const],
  );
}

export interface Changed {
  readonly sequence: number;
  readonly resource: string;
  readonly action: string;
  readonly principal: string;
}

/** How many seconds of traffic charts look back. */
export const KEPT = 300;
const AGAIN_MS = 2000;

class Live {
  isConnected = $state(false);
  traffic = $state.raw<Traffic | null>(null);
  proxies = $state.raw<readonly Proxy[]>([]);
  haveProxies = $state(false);
  problems = $state(0);
  /** Counts on with each change of the mesh that is watched; the change itself. */
  changes = $state(0);
  change = $state.raw<Changed | null>(null);
  /** A clock for "how long ago", a tick a second. */
  now = $state(Date.now());
  troubled = $derived(this.proxies.filter((one) => one.stale || one.state === "refused").length);
  past: Traffic[] = [];

  #mesh: string | null | undefined = undefined;
  #source: EventSource | null = null;
  #wasLost = false;

  constructor() {
    setInterval(() => {
      this.now = Date.now();
    }, 1000);
  }

  /** Follow one mesh; or, with null, what is of none. */
  watch(mesh: string | null): void {
    if (mesh === this.#mesh) return;
    this.#mesh = mesh;
    this.traffic = null;
    this.past = [];
    this.problems = 0;
    this.#open();
    void this.#catchUp(mesh);
  }

  #open(): void {
    this.#source?.close();
    const query =
      this.#mesh === null || this.#mesh === undefined ? "" : `?mesh=${encodeURIComponent(this.#mesh)}`;
    const source = new EventSource(`/gossamer/v1/events${query}`);
    this.#source = source;
    source.onopen = () => {
      this.isConnected = true;
      // Who was there may have left meanwhile, and nobody told.
      if (this.#wasLost) this.#everythingAnew();
      this.#wasLost = false;
    };
    source.onerror = () => {
      this.isConnected = false;
      this.#wasLost = true;
      // The browser connects again by itself, but for an answer that is no stream.
      if (source.readyState === EventSource.CLOSED) void this.#again(source);
    };
    this.#listen(source);
  }

  /** Wait, and connect again once somebody is signed in. */
  async #again(source: EventSource): Promise<void> {
    await session.check();
    const waiting = setInterval(() => {
      if (session.state === "out") return;
      clearInterval(waiting);
      if (this.#source === source) this.#open();
    }, AGAIN_MS);
  }

  #everythingAnew(): void {
    this.changes += 1;
    void this.#catchUp(this.#mesh ?? null);
  }

  #listen(source: EventSource): void {
    const on = <Told>(name: string, then: (told: Told) => void): void => {
      source.addEventListener(name, (event) => {
        then(JSON.parse((event as MessageEvent<string>).data) as Told);
      });
    };
    on<Changed>("changed", (told) => {
      this.change = told;
      this.changes += 1;
    });
    // So much has happened that it is not told one by one.
    on("reset", () => {
      this.#everythingAnew();
    });
    on<Proxy>("proxy", (told) => {
      this.#sawProxy(told);
    });
    on<{ mesh: string; count: number }>("problems", (told) => {
      if (told.mesh === this.#mesh) this.problems = told.count;
    });
    on<Traffic>("traffic", (told) => {
      this.traffic = told;
      this.past.push(told);
      if (this.past.length > KEPT) this.past.shift();
    });
  }

  #sawProxy(told: Proxy): void {
    const others = this.proxies.filter((one) => one.stream !== told.stream);
    this.proxies = told.gone === true ? others : [...others, told];
  }

  async #catchUp(mesh: string | null): Promise<void> {
    try {
      this.proxies = (await get<{ proxies: Proxy[] }>(own("proxies"))).proxies;
      this.haveProxies = true;
      if (mesh === null) return;
      const found = await get<{ problems: unknown[] }>(own("meshes", mesh, "problems"));
      if (mesh === this.#mesh) this.problems = found.problems.length;
    } catch {
      // A mesh that is gone has no problems; the page itself says what is wrong.
    }
  }
}

export const live = new Live();
