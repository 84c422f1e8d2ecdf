import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { type Plugin } from "vite";
import { defineConfig } from "vitest/config";

const OUT = "../src/gossamer/console/static";

/** Squeezed once here, so that the server need not squeeze for every browser. */
const squeezed: Plugin = {
  name: "squeezed",
  apply: "build",
  closeBundle() {
    for (const name of readdirSync(`${OUT}/assets`)) {
      if (!/\.(js|css|svg)$/.test(name)) continue;
      const path = `${OUT}/assets/${name}`;
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
    }
  },
};

export default defineConfig({
  base: "/console/",
  plugins: [svelte(), squeezed],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    // The content security policy lets nothing in that is not a file of the server.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    proxy: {
      "/v20190125": "http://127.0.0.1:8080",
      "/gossamer": "http://127.0.0.1:8080",
      "/openapi.json": "http://127.0.0.1:8080",
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
