/** Which meshes there are, and which one we look at. */
import { get } from "./api";

export interface MeshRef {
  readonly meshName: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly lastUpdatedAt: number;
  readonly meshOwner: string;
  readonly resourceOwner: string;
  readonly version: number;
}

class Meshes {
  all = $state.raw<readonly MeshRef[]>([]);
  isLoaded = $state(false);
  chosen = $state<string | null>(null);
  names = $derived(this.all.map((one) => one.meshName));

  async load(): Promise<void> {
    const found: MeshRef[] = [];
    let token = "";
    do {
      const query = token === "" ? "" : `?nextToken=${encodeURIComponent(token)}`;
      const page = await get<{ meshes: MeshRef[]; nextToken?: string }>(`/v20190125/meshes${query}`);
      found.push(...page.meshes);
      token = page.nextToken ?? "";
    } while (token !== "");
    this.all = found;
    this.isLoaded = true;
    if (this.chosen === null && found.length === 1) this.chosen = found[0]?.meshName ?? null;
  }

  choose(name: string): void {
    this.chosen = name;
  }
}

export const meshes = new Meshes();
