// @ts-check
/**
 * What models write, as elements: headings, lists, code, tables, quotes, emphasis, links. No markup ever becomes
 * HTML, no picture is loaded; what is not understood stays as it was written.
 */
import { h } from "./dom.js";

/** @typedef {import("./dom.js").Child} Child */

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}#{1,6} +(.+?)#*$/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)]) +/;
const QUOTE = /^ {0,3}> ?/;
const RULE = /^ {0,3}([-*_])( *\1){2,} *$/;
const DASHES = /^ *\|?( *:?-+:? *\|)+( *:?-+:? *)?$/;
const STARTS = [FENCE, HEADING, ITEM, QUOTE, RULE];
const MOST_DEPTH = 6;

/** @param {string} text @param {number} [depth] @returns {HTMLElement[]} */
export function markdown(text, depth = 0) {
  const lines = text.split("\n");
  const made = [];
  while (lines.length) {
    if (!lines[0]?.trim()) lines.shift();
    else made.push(block(lines, depth));
  }
  return made;
}

/** Where the last block begins, which may not be whole yet: after the last empty line that no fence holds. @param {string} text */
export function lastBlock(text) {
  let [at, found, fence] = [0, 0, ""];
  for (const line of text.split("\n").slice(0, -1)) {
    at += line.length + 1;
    const mark = FENCE.exec(line)?.[1] ?? "";
    if (!fence) fence = mark;
    else if (closes(line, fence)) fence = "";
    if (!fence && !line.trim()) found = at;
  }
  return found;
}

/** @param {string} line @param {string} fence */
const closes = (line, fence) => line.trim().startsWith(fence) && !line.trim().replaceAll(fence[0] ?? "", "");

/** Takes the lines of the next block away. @param {string[]} lines @param {number} depth @returns {HTMLElement} */
function block(lines, depth) {
  const line = lines[0] ?? "";
  if (FENCE.test(line)) return code(lines);
  const heading = HEADING.exec(line);
  if (heading) return (lines.shift(), h("p", { class: "heading" }, ...inline((heading[1] ?? "").trim())));
  if (RULE.test(line)) return (lines.shift(), h("hr"));
  if (QUOTE.test(line) && depth < MOST_DEPTH) return quote(lines, depth);
  if (ITEM.test(line) && depth < MOST_DEPTH) return list(lines, depth);
  if (line.includes("|") && DASHES.test(lines[1] ?? "")) return table(lines);
  return paragraph(lines);
}

/** @param {string[]} lines */
function code(lines) {
  const fence = FENCE.exec(lines.shift() ?? "")?.[1] ?? "```";
  const kept = [];
  while (lines.length && !closes(lines[0] ?? "", fence)) kept.push(lines.shift());
  lines.shift();
  return h("pre", {}, h("code", {}, kept.join("\n")));
}

/** @param {string[]} lines @param {number} depth */
function quote(lines, depth) {
  const kept = [];
  while (QUOTE.test(lines[0] ?? "")) kept.push((lines.shift() ?? "").replace(QUOTE, ""));
  return h("blockquote", {}, ...markdown(kept.join("\n"), depth + 1));
}

/** Items of one kind and depth; what is indented below an item belongs to it. @param {string[]} lines @param {number} depth */
function list(lines, depth) {
  const [, indent = "", mark = "-"] = ITEM.exec(lines[0] ?? "") ?? [];
  const numbered = /\d/.test(mark);
  const items = [];
  for (let found = ITEM.exec(lines[0] ?? ""); found; found = ITEM.exec(lines[0] ?? "")) {
    if (found[1]?.length !== indent.length || /\d/.test(found[2] ?? "") !== numbered) break;
    items.push(h("li", {}, ...tight(markdown(item(lines, indent.length, found[0].length), depth + 1))));
  }
  return h(numbered ? "ol" : "ul", { start: numbered ? parseInt(mark, 10) : null }, ...items);
}

/** Takes an item's lines away, without their indent. @param {string[]} lines @param {number} indent @param {number} width */
function item(lines, indent, width) {
  const within = (/** @type {string | undefined} */ line) => Boolean(line?.trim()) && indentOf(line) >= indent + 2;
  const kept = [(lines.shift() ?? "").slice(width)];
  while (within(lines[0]) || (lines[0]?.trim() === "" && within(lines[1]))) {
    const line = lines.shift() ?? "";
    kept.push(line.slice(Math.min(width, Math.max(0, indentOf(line)))));
  }
  return kept.join("\n");
}

/** @param {string} [line] */
const indentOf = (line = "") => line.search(/\S/);

/** The words of an item that is one paragraph, without the paragraph. @param {HTMLElement[]} blocks @returns {Node[]} */
const tight = ([first, ...rest]) =>
  first?.tagName === "P" ? [...first.childNodes, ...rest] : first ? [first, ...rest] : [];

/** @param {string[]} lines */
function table(lines) {
  const head = cells(lines.shift() ?? "");
  lines.shift();
  const rows = [];
  while (lines[0]?.includes("|")) rows.push(cells(lines.shift() ?? ""));
  const row = (/** @type {"th" | "td"} */ tag, /** @type {string[]} */ texts) =>
    h("tr", {}, ...head.map((_, at) => h(tag, {}, ...inline(texts[at] ?? ""))));
  return h("table", {}, h("thead", {}, row("th", head)), h("tbody", {}, ...rows.map((texts) => row("td", texts))));
}

/** @param {string} line */
const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((one) => one.trim()); // prettier-ignore

/** @param {string[]} lines */
function paragraph(lines) {
  const kept = [lines.shift() ?? ""];
  while (lines[0]?.trim() && !STARTS.some((one) => one.test(lines[0] ?? ""))) kept.push(lines.shift() ?? "");
  return h("p", {}, ...inline(kept.join("\n")));
}

const INLINE = new RegExp(
  [
    "(`+)([^`]|[^`][^]{0,2000}?[^`])\\1(?!`)", // code
    "\\*\\*(\\S|\\S[^]{0,2000}?\\S)\\*\\*", // strong
    "\\*([^\\s*]|[^\\s*][^*\\n]{0,500}[^\\s*])\\*", // emphasis
    "(?<!\\w)_([^\\s_]|[^\\s_][^_\\n]{0,500}[^\\s_])_(?!\\w)",
    "!?\\[([^\\]\\n]{1,500})\\]\\((https?://[^\\s)]{1,2000})\\)", // a link; a picture is one, too
  ].join("|"),
);

/** @param {string} text @returns {Child[]} */
function inline(text) {
  const made = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    made.push(rest.slice(0, found.index), marked(found));
    rest = rest.slice(found.index + found[0].length);
  }
  return [...made, rest];
}

/** @param {RegExpExecArray} found */
function marked([, , code, strong, emphasis, slanted, label, href]) {
  if (code !== undefined) return h("code", {}, code);
  if (strong !== undefined) return h("strong", {}, ...inline(strong));
  if (href !== undefined) return h("a", { href, target: "_blank", rel: "noreferrer noopener" }, label);
  return h("em", {}, emphasis ?? slanted);
}
