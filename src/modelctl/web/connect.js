// @ts-check
/** What other programs must be told to use the proxy: one client at a time, to copy. */
import { get } from "./api.js";
import { field } from "./dialog.js";
import { h } from "./dom.js";
import { prose } from "./problems.js";
import { codeBlock, snippets } from "./snippets.js";
import { words } from "./words.js";

/** @typedef {{proxy: string, key: string, clients: string[]}} Proxy */
/** @typedef {{client: string, files: {path: string, text: string}[], lines: string[], notes: string[]}} Config */

const CODE = "code";
const NAMES = /** @type {Record<string, string>} */ ({
  opencode: "opencode",
  codex: "Codex",
  claude: "Claude Code",
  aider: "aider",
  openwebui: "Open WebUI",
  llm: "llm",
  continue: "Continue",
  env: "Any OpenAI program (environment)",
});

/** @param {HTMLElement} panel @param {import("./app.js").Page} page */
export function mount(panel, page) {
  const which = h("select", { name: "client" });
  const place = h("div", { class: "stack" });
  which.addEventListener("change", () => void draw());
  panel.append(h("h1", {}, "Connect"), h("div", { class: "card-box" }, field("Client", which), place));
  let asked = "";
  /** @type {Proxy | null} */
  let known = null;

  async function draw() {
    place.setAttribute("aria-busy", "true"); // what stands there is still that of another client
    try {
      const proxy = (known ??= /** @type {Proxy} */ (await get("connect")));
      if (!which.options.length) which.append(...options(proxy.clients));
      const wanted = which.value;
      const parts =
        wanted === CODE
          ? code(proxy, route())
          : config(/** @type {Config} */ (await get(`connect/${wanted}`)), proxy.key);
      if (wanted === which.value) fill(...parts);
    } catch (error) {
      asked = ""; // asked again with the next change
      fill(h("p", { class: "wrong" }, ...prose(words(error))));
    }
  }

  /** @param {Node[]} parts */
  function fill(...parts) {
    place.replaceChildren(...parts);
    place.setAttribute("aria-busy", "false");
  }

  const route = () => page.client.getSnapshot().routes[0]?.route ?? "active";

  return {
    show() {
      const { version, revision, loaded } = page.client.getSnapshot();
      const now = `${version} ${revision}`;
      if (!loaded || now === asked) return; // limits and prices in it are those of the models of now
      asked = now;
      void draw();
    },
  };
}

/** @param {string[]} clients */
const options = (clients) => [
  h("option", { value: CODE }, "curl, Python, JavaScript"),
  ...clients.map((name) => h("option", { value: name }, NAMES[name] ?? name)),
];

/** @param {{proxy: string, key: string}} known @param {string} route */
function code({ proxy, key }, route) {
  return [keyNote(key), ...snippets(proxy, key, route).map(([title, text]) => codeBlock(title, text, "h2"))];
}

/** @param {Config} config @param {string} key */
function config({ client, files, lines, notes }, key) {
  const write = files.length ? [codeBlock("Write it with", `modelctl client ${client} --write`, "h2")] : [];
  return [
    keyNote(key),
    ...write,
    ...(lines.length ? [codeBlock("For the shell", lines.join("\n"), "h2")] : []),
    ...files.map(({ path, text }) => codeBlock(path, text, "h2")),
    ...notes.map((note) => h("p", { class: "quiet-line" }, ...prose(note))),
  ];
}

/** The browser never gets the key, so that nothing here can leak it. @param {string} key */
const keyNote = (key) =>
  h(
    "p",
    {},
    ...prose(`Set \`${key}\` first; for the key that \`modelctl up\` made, in the project's folder: `),
    h("code", {}, `export ${key}="$(cat .modelctl/master_key)"`),
  );
