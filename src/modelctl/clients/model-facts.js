// @ts-check
/**
 * What people want to know of a model, in few characters; and whether a route would take it.
 *
 * @typedef {import("./model-types.js").Model} Model
 * @typedef {import("./model-types.js").Route} Route
 */

// <made by scripts/fact_tables.py>
/** Capability -> the API's field and a word for people. */
export const CAPABILITIES = Object.freeze(
  /** @type {const} */ ({
    streaming: ["supports_streaming", "Streaming"],
    tools: ["supports_tools", "Tools"],
    vision: ["supports_vision", "Vision"],
    audio: ["supports_audio", "Audio"],
    json: ["supports_json", "JSON"],
    reasoning: ["is_reasoning", "Reasoning"],
  }),
);
/** In the order in which they are shown. */
export const CAPABILITY_NAMES = /** @type {const} */ (["vision", "reasoning", "streaming", "tools", "audio", "json"]); // prettier-ignore
const CHAT = new Set(["chat", "responses", "completion"]);
// </made>

/** @typedef {keyof typeof CAPABILITIES} Capability */
/** @type {Record<string, string>} */
const KINDS = {
  chat: "Chat",
  embedding: "Embedding",
  image_generation: "Image",
  audio_transcription: "Transcription",
  audio_speech: "Speech",
  rerank: "Rerank",
  moderation: "Moderation",
  video_generation: "Video",
};

/** @param {Model} model @param {Capability} name */
export const has = (model, name) => model[CAPABILITIES[name][0]] === true;

/** chat, responses and completion are one kind; an unknown mode counts as chat. @param {string | null | undefined} mode */
export const kindOf = (mode) => (!mode || CHAT.has(mode) ? "chat" : mode);

/** @param {string} kind */
export const kindName = (kind) =>
  KINDS[kind] ?? kind.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());

/** What kind of model a route holds. @param {Route} route */
export const routeKind = (route) => kindOf(typeof route.requires.mode === "string" ? route.requires.mode : "chat");

/** 400000 -> "400k". @param {number | null | undefined} count */
export function tokens(count) {
  if (count == null) return "";
  if (count >= 1e6) return `${trim(count / 1e6, 2)}M`;
  return count >= 1000 ? `${trim(count / 1000, count < 10_000 ? 1 : 0)}k` : String(count);
}

/** USD per 1M tokens; "" where unknown. @param {number | null | undefined} usd */
export function price(usd) {
  if (usd == null) return "";
  if (usd === 0) return "free";
  if (usd < 0.01) return `$${trim(usd, 4)}`;
  return `$${usd >= 100 ? Math.round(usd) : usd.toFixed(2)}`;
}

/** @param {number} value @param {number} digits */
const trim = (value, digits) => String(Number(value.toFixed(digits)));

/** "1 h 23 min"; seconds only when they matter. @param {number} seconds */
export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  if (s < 3600) return `${Math.round(s / 60)} min`;
  const hours = Math.floor(s / 3600);
  return hours < 48 ? `${hours} h ${Math.floor((s % 3600) / 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * A provider's mark: a picture, or up to three characters on its colour. Both come from the catalog and
 * are judged here: only `data:` images (which run no script inside `img`) and plain hex colours.
 *
 * @param {{id?: string, name: string, icon?: string | null, color?: string | null}} of
 * @returns {{image: string} | {text: string, color: string, ink: string}}
 */
export function mark(of) {
  const icon = of.icon?.trim() ?? "";
  if (/^data:image\/(svg\+xml|png|webp|jpeg)[;,]/i.test(icon) && icon.length < 20_000) return { image: icon };
  const color = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(of.color ?? "") ? String(of.color) : tint(of.id ?? of.name);
  const text = icon && !icon.includes(":") && graphemes(icon).length <= 3 ? icon : initials(of.name);
  return { text, ...readable(color) };
}

/** @param {string} text */
const graphemes = (text) => [...new Intl.Segmenter().segment(text)];

/** @param {string} name */
function initials(name) {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? "?")].slice(0, 2);
  return letters.join("").replace(/^./u, (first) => first.toUpperCase());
}

/** A steady colour for who names none. @param {string} text */
function tint(text) {
  const shades = ["#4f5d75", "#5b6c5d", "#7a5c61", "#5c5f8a", "#3f6f73", "#76603f", "#6a4c7d", "#48668a"];
  let sum = 0;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return shades[sum % shades.length] ?? "#4f5d75";
}

/**
 * The colour with letters that can be read on it (contrast 4.5): black on light ones, white on the rest,
 * which are darkened as far as that takes.
 * @param {string} color @returns {{color: string, ink: string}}
 */
function readable(color) {
  const hex = color.length === 4 ? [...color.slice(1)].map((digit) => digit + digit).join("") : color.slice(1);
  let parts = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
  if (luminance(parts) > 0.4) return { color, ink: "#000000" };
  while (luminance(parts) > 0.18) parts = parts.map((part) => Math.floor(part * 0.96));
  return { color: `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`, ink: "#ffffff" };
}

/** @param {number[]} parts red, green, blue; 0 to 255 */
function luminance(parts) {
  const [r = 0, g = 0, b = 0] = parts.map((part) =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @type {[string, "context_window" | "max_output_tokens", string][]} */
const MINIMUMS = [
  ["context_window", "context_window", "context"],
  ["max_output_tokens", "max_output_tokens", "output"],
];
/** @type {[string, "input" | "output"][]} */
const CEILINGS = [
  ["max_input_price", "input"],
  ["max_output_price", "output"],
];

/**
 * Why the server would refuse this model for this route, so that a list can say so before anyone clicks.
 * The server judges; this only foretells (null: it would take it).
 *
 * @param {Model} model @param {Route} route @returns {string | null}
 */
export function misfit(model, route) {
  if (model.lifecycle.status === "retired" || isPast(model.lifecycle.retires)) return "retired";
  const { choices, requires } = route;
  if (Array.isArray(choices) && !choices.includes(model.public_name)) return `not among the choices of ${route.route}`;
  if (!Array.isArray(choices) && typeof choices === "object") {
    const tags = choices.tags ?? [];
    if (!tags.some((tag) => model.tags.includes(tag))) return `not tagged ${tags.join(" or ")}`;
  }
  if (model.mode && kindOf(model.mode) !== routeKind(route)) return `for ${model.mode.replaceAll("_", " ")}`;
  for (const name of CAPABILITY_NAMES) {
    if (requires[name] && !has(model, name))
      return `${model[CAPABILITIES[name][0]] === false ? "no" : "unknown"} ${name}`;
  }
  for (const [need, fact, word] of MINIMUMS) {
    const least = requires[need];
    if (typeof least === "number" && (model[fact] ?? -1) < least) return `${word} under ${tokens(least)}`;
  }
  for (const [need, side] of CEILINGS) {
    const most = requires[need];
    const asked = model.price[side];
    if (typeof most === "number" && (asked ?? Infinity) > most) return `${side} price over ${price(most)}`;
  }
  return model.available ? null : model.reason;
}

/** "retires 2026-12-11; use gpt-5.5-mini", "" where no end is known. @param {Pick<Model, "lifecycle">} model */
export function retirement({ lifecycle: { status, retires, successor } }) {
  const over = status === "retired" || isPast(retires);
  const end = retires ? `${over ? "retired" : "retires"} ${retires}` : status === "active" ? "" : (status ?? "");
  return end && successor ? `${end}; use ${successor}` : end;
}

/** @param {string | undefined} date ISO */
const isPast = (date) => Boolean(date && date <= new Date().toISOString().slice(0, 10));
