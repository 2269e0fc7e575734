import { act } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";

import { ModelSelector } from "@/components/ModelSelector";

import { Server } from "./server";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

test("what a server rendered is taken over where the models are known already", async () => {
  new Server();
  const [early, late] = [document.createElement("div"), document.createElement("div")];
  const complaint = vi.fn();
  late.innerHTML = renderToString(<ModelSelector />);
  const first = createRoot(early);
  await act(async () => first.render(<ModelSelector />));
  await act(() => vi.waitFor(() => expect(early.textContent).toContain("ALPHA")));
  const second = await act(async () => hydrateRoot(late, <ModelSelector />, { onRecoverableError: complaint }));
  await act(() => vi.waitFor(() => expect(late.textContent).toContain("ALPHA")));
  expect(complaint).not.toHaveBeenCalled();
  await act(async () => [first, second].forEach((root) => root.unmount()));
});
