import { act, StrictMode, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { useModels, type Models, type ModelsOptions } from "@/hooks/useModels";

import { Server } from "./server";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let server: Server;
let roots: Root[];
let address = 7000;
let baseUrl: string;

beforeEach(() => {
  server = new Server();
  roots = [];
  baseUrl = `http://localhost:${address++}`; // what is known of a server outlives the components of a page
});
afterEach(() => act(() => roots.forEach((root) => root.unmount())));

async function render(element: ReactNode): Promise<(next: ReactNode) => Promise<void>> {
  const root = createRoot(document.createElement("div"));
  roots.push(root);
  const show = (next: ReactNode) => act(async () => root.render(<StrictMode>{next}</StrictMode>));
  await show(element);
  return show;
}

/** A component whose last answer of the hook is `seen.now`. */
function probe() {
  const seen = {} as { now: Models };
  const Probe = (options: ModelsOptions) => {
    seen.now = useModels({ baseUrl, ...options });
    return null;
  };
  return [Probe, seen] as const;
}

const loaded = (seen: { now: Models }) => act(() => vi.waitFor(() => expect(seen.now.currentModel).not.toBeNull()));

describe("what it shows", () => {
  test("the models of the route's kind by provider, with what the route would not take", async () => {
    const [Probe, seen] = probe();
    await render(<Probe />);
    await loaded(seen);
    expect(seen.now.isModelsLoading).toBe(false);
    expect(
      seen.now.modelProviders.map((each) => [each.id, each.models.map((one) => [one.id, one.disabledReason])]),
    ).toEqual([
      [
        "acme",
        [
          ["alpha", null],
          ["beta", null],
          ["old", "retired"],
        ],
      ],
    ]);
    expect(seen.now.currentModel).toMatchObject({ target: "alpha", model_info: { name: "ALPHA" } });
  });

  test("loading first; the same objects while nothing changes", async () => {
    const [Probe, seen] = probe();
    const show = await render(<Probe />);
    await loaded(seen);
    const before = seen.now;
    await show(<Probe />);
    expect(seen.now.modelProviders).toBe(before.modelProviders);
    expect(seen.now.currentModel).toBe(before.currentModel);
    expect(seen.now.selectModel).toBe(before.selectModel);
    expect(seen.now.refresh).toBe(before.refresh);
  });

  test.each(["", "http://", "localhost", "javascript:alert(1)"])(
    "an address like %j is an error, no exception",
    async (baseUrl) => {
      const [Probe, seen] = probe();
      await render(<Probe baseUrl={baseUrl} />);
      await act(() => vi.waitFor(() => expect(seen.now.error).toBe("the control plane does not answer")));
      expect(seen.now.isModelsLoading).toBe(false);
      expect(server.asked).toEqual([]);
    },
  );

  test("a route that does not exist is an error", async () => {
    const [Probe, seen] = probe();
    await render(<Probe route="nowhere" />);
    await act(() => vi.waitFor(() => expect(seen.now.error).toBe("there is no route nowhere")));
    expect(seen.now.modelProviders).toEqual([]);
  });
});

describe("one connection per server", () => {
  test("shared by components and routes, closed with the last", async () => {
    const [First, first] = probe();
    const [Second, second] = probe();
    const show = await render(
      <>
        <First />
        <Second route="search" baseUrl={`${baseUrl}/`} />
      </>,
    );
    await loaded(first);
    await loaded(second);
    expect(server.open).toBe(1);
    expect(second.now.currentModel?.target).toBe("vectors");
    await show(<First />);
    expect(server.open).toBe(1);
    await show(null);
    expect(server.open).toBe(0);
    const streams = server.streams;
    await show(<First />);
    expect(server.streams).toBeGreaterThan(streams);
    expect(first.now.isModelsLoading).toBe(false); // what was known is still there
  });

  test("the token of the newest component is sent; of the one before when that is gone", async () => {
    const [First, first] = probe();
    const [Second] = probe();
    const a = () => "a";
    const show = await render(
      <>
        <First getToken={a} />
        <Second getToken={() => "b"} />
      </>,
    );
    await loaded(first);
    await act(() => first.now.selectModel("beta", "acme"));
    await show(<First getToken={a} />);
    await act(() => first.now.selectModel("alpha", "acme"));
    expect(server.asked.filter((one) => one.startsWith("POST"))).toEqual([
      "POST models/select b",
      "POST models/select a",
    ]);
  });
});

describe("a change", () => {
  const refusal = {
    status: 409,
    error: { code: "refused", message: "beta is not for active", problems: [{ rule: "x", message: "no tools" }] },
  };

  test("is shown at once and told when done", async () => {
    const [Probe, seen] = probe();
    const toast = { success: vi.fn(), error: vi.fn() };
    await render(<Probe toast={toast} />);
    await loaded(seen);
    const release = server.hold();
    let asked: Promise<boolean>;
    await act(async () => void (asked = seen.now.selectModel("beta", "acme")));
    expect(seen.now.currentModel).toMatchObject({ target: "beta", pending: true, model_info: { name: "BETA" } });
    await act(async () => {
      release();
      expect(await asked).toBe(true);
    });
    expect(seen.now.currentModel?.pending).toBeUndefined();
    expect(toast.success.mock.calls).toEqual([["active is now BETA", { description: undefined }]]);
    expect(toast.error).not.toHaveBeenCalled();
  });

  test("that is refused is taken back and told", async () => {
    const [Probe, seen] = probe();
    const toast = { success: vi.fn(), error: vi.fn() };
    server.refusal = refusal;
    await render(<Probe toast={toast} />);
    await loaded(seen);
    expect(await act(() => seen.now.selectModel("beta", "acme"))).toBe(false);
    expect(seen.now.currentModel?.target).toBe("alpha");
    expect(toast.error.mock.calls).toEqual([
      ["Failed to switch model", { description: "beta is not for active; no tools" }],
    ]);
    expect(seen.now.error).toBeNull();
  });

  test("without a toast its failure is in `error` until the next", async () => {
    const [Probe, seen] = probe();
    server.refusal = refusal;
    await render(<Probe />);
    await loaded(seen);
    await act(() => seen.now.selectModel("beta", "acme"));
    expect(seen.now.error).toBe("Failed to switch model: beta is not for active; no tools");
    server.refusal = null;
    await act(() => seen.now.selectModel("beta", "acme"));
    expect(seen.now.error).toBeNull();
  });
});
