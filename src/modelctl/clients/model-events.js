// @ts-check
/**
 * Server-sent events read with fetch, because EventSource cannot send a token. Reconnects by itself.
 *
 * @typedef {{event: string, data: unknown}} Message
 * @typedef {object} Following
 * @property {() => void} stop ends it for good
 * @property {() => void} retry asks again now, if it waits
 *
 * @typedef {object} Hooks
 * @property {(signal: AbortSignal) => Promise<Response>} open
 * @property {() => void} onOpen
 * @property {(messages: Message[]) => void} onMessages all that came in one piece, in order
 * @property {(error: unknown, retryAt: number) => void} onGone
 */

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
const SILENCE_MS = 40_000; // the server speaks every 15 s, if only to say that it is there

/** @param {Hooks} hooks @returns {Following} */
export function follow(hooks) {
  const ended = new AbortController();
  let wake = () => {};
  void run(hooks, ended.signal, (resolve) => (wake = resolve));
  return { stop: () => ended.abort(), retry: () => wake() };
}

/** @param {Hooks} hooks @param {AbortSignal} ended @param {(resolve: () => void) => void} offerWake */
async function run(hooks, ended, offerWake) {
  for (let failures = 0; !ended.aborted; failures++) {
    let heard = false;
    const failure = await once(hooks, ended, () => (heard = true)).catch((error) => error);
    if (ended.aborted) return;
    if (heard) failures = 0;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 8)) * (0.75 + Math.random() / 2);
    hooks.onGone(failure, Date.now() + wait);
    await nap(wait, ended, offerWake);
  }
}

/** One connection, from its beginning to its end. @param {Hooks} hooks @param {AbortSignal} ended @param {() => void} heard */
async function once(hooks, ended, heard) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await hooks.open(AbortSignal.any([ended, silence.signal]));
    if (!response.body) throw new Error("the answer has no body");
    hooks.onOpen();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parse = parser();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return new Error("the server ended the stream");
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      heard();
      const messages = parse(value);
      if (messages.length) hooks.onMessages(messages);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Keeps what is not yet a whole message between calls. @returns {(text: string) => Message[]} */
export function parser() {
  let rest = "";
  return (text) => {
    // A piece may end between the two characters of a line's end: that \r waits for what follows.
    const held = (rest + text).endsWith("\r") ? "\r" : "";
    const blocks = (rest + text)
      .slice(0, held ? -1 : undefined)
      .replace(/\r\n?/g, "\n")
      .split("\n\n");
    rest = (blocks.pop() ?? "") + held;
    return blocks.flatMap(message);
  };
}

/** @param {string} block @returns {Message[]} */
function message(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    const value = line.slice(at + 1).replace(/^ /, "");
    if (line.slice(0, at) === "event") event = value;
    if (line.slice(0, at) === "data") data.push(value);
  }
  if (!data.length) return [];
  try {
    return [{ event, data: JSON.parse(data.join("\n")) }];
  } catch {
    return []; // not ours
  }
}

/** @param {number} ms @param {AbortSignal} ended @param {(resolve: () => void) => void} offerWake */
function nap(ms, ended, offerWake) {
  return new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
    const timer = setTimeout(resolve, ms);
    const wake = () => (clearTimeout(timer), resolve());
    ended.addEventListener("abort", wake, { once: true });
    offerWake(wake);
  });
}
