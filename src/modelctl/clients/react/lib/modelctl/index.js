// What the React files use of the client's modules, which lie beside this one once installed.
export { createModelClient, ModelctlError } from "./model-client.js";
export { CAPABILITIES, has, kindOf, mark, misfit, price, retirement, routeKind, tokens } from "./model-facts.js";
