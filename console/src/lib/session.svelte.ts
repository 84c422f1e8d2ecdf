/** Who is signed in. The session is a cookie that no script can read; the secret is forgotten once it has signed. */
import { answered, get, onSignedOut, own, Refused, call } from "./api";
import { drafts } from "./drafts.svelte";
import { signature, type Key } from "./sigv4";

interface Told {
  readonly open: boolean;
  readonly accountId: string;
  readonly principal: string;
  readonly accessKeyId?: string;
  readonly expiresAt?: string;
}

class Session {
  state = $state<"asking" | "in" | "out" | "unreachable">("asking");
  who = $state.raw<Told | null>(null);
  why = $state("");
  /** It ended by itself, in the middle of something: that stays until somebody signs in again. */
  isOver = $derived(this.state === "out" && this.who !== null);

  constructor() {
    onSignedOut(() => {
      this.state = "out";
    });
  }

  /** Ask whether it is still good; nothing changes but if it is not. */
  async check(): Promise<void> {
    await get<Told>(own("session")).catch(() => undefined);
  }

  async ask(): Promise<void> {
    try {
      this.who = await get<Told>(own("session"));
      this.state = "in";
    } catch (error) {
      this.why = error instanceof Error ? error.message : "";
      this.state = error instanceof Refused && error.status < 500 ? "out" : "unreachable";
    }
  }

  /** Raises: Refused, with the server's words. */
  async signIn(key: Key): Promise<void> {
    const url = new URL(own("session"), location.href);
    const headers = await signature("POST", url, "", key, new Date());
    await answered(
      await fetch(url, {
        method: "POST",
        headers: { ...headers, "x-gossamer-console": "1" },
        credentials: "same-origin",
      }),
    );
    await this.ask();
  }

  async signOut(): Promise<void> {
    await call("DELETE", own("session")).catch((error: unknown) => {
      // Whose session is over already is out.
      if (!(error instanceof Refused && error.status === 401)) throw error;
    });
    drafts.clear();
    this.who = null;
    this.state = "out";
  }
}

export const session = new Session();
