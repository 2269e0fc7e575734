// @ts-check
/**
 * What the control plane's events change in what is known of it.
 *
 * @typedef {Pick<import("./model-types.js").Snapshot, "revision" | "routes" | "workers" | "problems">} Part
 */

/**
 * `blocked`: what is blocked, as it stood last; null: not known yet. `again`: all must be asked for again,
 * since something changed that no event tells.
 *
 * @param {Part} known @param {string | null} blocked @param {import("./model-events.js").Message[]} messages
 * @returns {{part: Part, blocked: string | null, again: boolean}}
 */
export function updated({ revision, routes, workers, problems }, blocked, messages) {
  let again = false;
  for (const { event, data } of messages) {
    const update = /** @type {any} */ (data);
    if (event === "selection") routes = put(routes, update, "route");
    if (event === "problems") problems = update.problems;
    if (event === "blocked") {
      const now = JSON.stringify(update.blocked);
      again ||= blocked !== null && blocked !== now; // what is available depends on it
      blocked = now;
    }
    if (event === "worker") {
      const before = workers.find((worker) => worker.id === update.id);
      again ||= String(before?.unset) !== String(update.unset); // what is available depends on it
      workers = update.gone
        ? workers.filter((worker) => worker.id !== update.id)
        : put(workers, { ...before, ...update }, "id");
    }
    if (event === "revision") {
      again ||= update.revision !== revision; // other models, routes gone: what no event tells
      revision = update.revision;
    }
  }
  return { part: { revision, routes, workers, problems }, blocked, again };
}

/** @template T @param {readonly T[]} list @param {T} item @param {keyof T} key @returns {readonly T[]} */
function put(list, item, key) {
  const at = list.findIndex((one) => one[key] === item[key]);
  return at < 0 ? [...list, item] : list.with(at, item);
}
