// @vitest-environment node
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";

import { ModelSelector } from "@/components/ModelSelector";

import { Server } from "./server";

test("a server renders it without a window, without asking anyone", () => {
  const server = new Server();
  expect(typeof window).toBe("undefined");
  expect(renderToString(<ModelSelector getToken={() => "secret"} />)).toContain("Loading models…");
  expect(server.asked).toEqual([]);
});
