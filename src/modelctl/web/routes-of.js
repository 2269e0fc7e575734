// @ts-check
/** Which routes there are of a kind. */
import { routeKind } from "../clients/model-facts.js";

/** The first that takes chat models. @param {readonly import("../clients/model-types.js").Route[]} routes */
export const chatRoute = (routes) => routes.find((route) => routeKind(route) === "chat")?.route ?? null;
