// @ts-check
/** The page's own requests, for what the shared client does not know: files, presets, comparisons. */
import { requester } from "../clients/model-request.js";
import { getToken } from "./token.js";

const request = requester({ getToken });
const WRITING_MS = 60_000;

export const { get } = request;

/**
 * @param {string} method @param {string} path @param {unknown} [body]
 * @param {{digest?: string | null, signal?: AbortSignal}} [more] `digest`: what the change was made over
 * @returns {Promise<any>}
 */
export async function send(method, path, body, { digest, signal = AbortSignal.timeout(WRITING_MS) } = {}) {
  const headers = new Headers(body === undefined ? {} : { "Content-Type": "application/json" });
  if (digest) headers.set("If-Match", `"${digest}"`);
  const response = await request.send(path, { method, headers, body: JSON.stringify(body), signal });
  return response.json();
}

/** Each line of an answer that is lines of JSON, as it comes. @param {string} path @param {unknown} body @param {AbortSignal} signal */
export async function* lines(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  const response = await request.send(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    const pieces = (rest + read.value).split("\n"); // only a line feed ends a line
    rest = pieces.pop() ?? "";
    for (const piece of pieces) if (piece.trim()) yield /** @type {any} */ (JSON.parse(piece));
  }
}

/** `provider/id` for a URL. @param {...string} names */
export const path = (...names) => names.map(encodeURIComponent).join("/");
