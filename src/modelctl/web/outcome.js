// @ts-check
/** What became of a write, for people. */
import { ModelctlError } from "../clients/model-client.js";
import { toast } from "./toast.js";

/** @param {import("../clients/model-types.js").WorkerAnswer[]} workers @returns {{tone: "good" | "warn", lines: string[]}} */
export function workersSaid(workers) {
  const late = workers.filter((worker) => !worker.acked);
  const done = workers.length - late.length;
  if (!workers.length)
    return { tone: "warn", lines: ["No LiteLLM worker is running; the change takes effect when a worker starts."] };
  const count = `${done} of ${workers.length} ${workers.length === 1 ? "worker runs" : "workers run"} it`;
  return {
    tone: late.length ? "warn" : "good",
    lines: [count, ...late.map((one) => `${one.id}: ${one.error ?? "has not answered"}`)],
  };
}

/** @param {unknown} error @param {string} title */
export function failed(error, title) {
  const lines = error instanceof ModelctlError ? [error.message, error.hint ?? ""].filter(Boolean) : [String(error)];
  toast({ title, lines, tone: "bad" });
}
