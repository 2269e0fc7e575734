import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Against the files as `shadcn add` put them into a project; test_react_units.py says where that is.
const project = process.env.PROJECT ?? "";

export default defineConfig({
  resolve: { alias: { "@": join(project, "src") } },
  server: { fs: { strict: false } },
  esbuild: { jsx: "automatic" },
  test: { environment: "jsdom", include: ["units/*.test.ts?(x)"], restoreMocks: true, unstubGlobals: true },
});
