import { afterEach, expect, test, vi } from "vitest";
import { create } from "zustand";

import { modelsSlice, type ModelsSlice } from "@/lib/modelctl/slice";

import { Server } from "./server";

let address = 7400;
const store = () => {
  const baseUrl = `http://localhost:${address++}`;
  return create<ModelsSlice & { own: number }>()((set) => ({ own: 1, ...modelsSlice(set, { baseUrl }) }));
};
let server: Server;
afterEach(() => vi.unstubAllGlobals());

test("a store with the slice follows the server", async () => {
  server = new Server();
  const useStore = store();
  expect(useStore.getState()).toMatchObject({ modelProviders: [], currentModel: null, isModelsLoading: true });
  await vi.waitFor(() => expect(useStore.getState().currentModel?.model_info?.name).toBe("ALPHA"));
  expect(useStore.getState().modelProviders.map((one) => one.id)).toEqual(["acme"]);
  expect(useStore.getState()).toMatchObject({ own: 1, isModelsLoading: false });
});

test("setCurrentModel switches, once, and is taken back where the server refuses", async () => {
  server = new Server();
  const useStore = store();
  await vi.waitFor(() => expect(useStore.getState().currentModel).not.toBeNull());
  const beta = useStore.getState().modelProviders[0]?.models[1] ?? null;
  const before = server.asked.length;
  expect(await useStore.getState().setCurrentModel(beta)).toBe(true);
  expect(await useStore.getState().setCurrentModel(useStore.getState().currentModel)).toBe(true);
  expect(server.asked.slice(before).filter((one) => one.startsWith("POST"))).toEqual(["POST models/select"]);
  expect(useStore.getState().currentModel?.model_info?.name).toBe("BETA");
  server.refusal = { status: 409, error: { code: "refused", message: "no" } };
  const alpha = useStore.getState().modelProviders[0]?.models[0] ?? null;
  expect(await useStore.getState().setCurrentModel(alpha)).toBe(false);
  expect(useStore.getState().currentModel?.model_info?.name).toBe("BETA");
});
