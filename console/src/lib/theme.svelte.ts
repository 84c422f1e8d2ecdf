/** Dark or light: as the system has it, or as the person chose. */

type Choice = "system" | "light" | "dark";
const NAME = "gossamer.theme";

class Theme {
  choice = $state<Choice>("system");
  #system = matchMedia("(prefers-color-scheme: dark)");
  #systemIsDark = $state(false);
  isDark = $derived(this.choice === "system" ? this.#systemIsDark : this.choice === "dark");

  constructor() {
    const kept = localStorage.getItem(NAME);
    if (kept === "light" || kept === "dark") this.choice = kept;
    this.#systemIsDark = this.#system.matches;
    this.#system.addEventListener("change", (event) => {
      this.#systemIsDark = event.matches;
      this.#show();
    });
    this.#show();
  }

  turn(): void {
    this.choice = this.isDark ? "light" : "dark";
    localStorage.setItem(NAME, this.choice);
    this.#show();
  }

  #show(): void {
    document.documentElement.dataset.theme = this.isDark ? "dark" : "light";
  }
}

export const theme = new Theme();
