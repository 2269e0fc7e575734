// @ts-check
/** Which routes there are of a kind, and when anything about them is other than before. */
import { routeKind } from "../clients/model-facts.js";

/** The first that takes chat models. @param {readonly import("../clients/model-types.js").Route[]} routes */
export const chatRoute = (routes) => routes.find((route) => routeKind(route) === "chat")?.route ?? null;

/** Differs after everything that history tells of. @param {import("../clients/model-types.js").Snapshot} snapshot */
export function historyKey({ routes, revision, version }) {
  const settled = routes.filter((route) => !route.pending);
  return JSON.stringify([revision, version, settled.map((one) => [one.target, one.since, one.until])]);
}
