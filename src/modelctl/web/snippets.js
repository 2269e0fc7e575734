// @ts-check
/** Code that asks a model or a route through the proxy, to paste. The key is only ever the name of a variable. */
import { copyButton } from "./copy.js";
import { h } from "./dom.js";

/** @param {string} proxy @param {string} key a variable @param {string} name what goes into `model` @returns {[string, string][]} */
export function snippets(proxy, key, name) {
  const text = JSON.stringify(name);
  const body = JSON.stringify({ model: name, messages: [{ role: "user", content: "hello" }] }).replaceAll("'", "'\\''");
  return [
    [
      "curl",
      `curl ${proxy}/v1/chat/completions \\\n  -H "Authorization: Bearer $${key}" -H "Content-Type: application/json" \\\n  -d '${body}'`,
    ],
    [
      "Python",
      `import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url="${proxy}/v1", api_key=os.environ["${key}"])\nmessages = [{"role": "user", "content": "hello"}]\nprint(client.chat.completions.create(model=${text}, messages=messages).choices[0].message.content)`,
    ],
    [
      "JavaScript",
      `import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: "${proxy}/v1", apiKey: process.env.${key} });\nconst messages = [{ role: "user", content: "hello" }];\nconst answer = await client.chat.completions.create({ model: ${text}, messages });\nconsole.log(answer.choices[0].message.content);`,
    ],
  ];
}

/** @param {string} title @param {string} text @param {"h2" | "h3"} [heading] */
export const codeBlock = (title, text, heading = "h3") =>
  h(
    "div",
    { class: "block code-block" },
    h(
      "div",
      { class: "titled" },
      h(heading, {}, title),
      copyButton(() => text, title),
    ),
    h("pre", { tabindex: 0, "aria-label": title }, text),
  );
