// @ts-check
/** A failure in one sentence or two. */
import { ModelctlError } from "../clients/model-request.js";

/** @param {unknown} error */
export const words = (error) =>
  error instanceof ModelctlError ? [error.message, error.hint].filter(Boolean).join(". ") : String(error);
