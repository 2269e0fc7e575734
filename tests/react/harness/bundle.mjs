// node bundle.mjs PROJECT OUT 18|19 ENTRY: a page over a project's installed files, as one script.
import { join } from "node:path";
import { build } from "esbuild";

const [project, outfile, react, entry] = process.argv.slice(2);
const named = react === "18" ? {} : { react: `react-${react}`, "react-dom": `react-dom-${react}` };
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: "esm",
  jsx: "automatic",
  alias: { "@": join(project, "src"), ...named },
  nodePaths: [join(import.meta.dirname, "..", "node_modules")],
  define: { "process.env.NODE_ENV": '"development"' }, // so that React says what it finds wrong
});
