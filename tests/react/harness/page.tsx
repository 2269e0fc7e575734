// A front end of somebody else: the installed files in use, `?server=` says where the control plane is.
import { StrictMode, useState, version } from "react";
import { createRoot } from "react-dom/client";

import { ModelSelector } from "@/components/ModelSelector";
import { useModels } from "@/hooks/useModels";

const baseUrl = new URLSearchParams(location.search).get("server") ?? undefined;

function Page() {
  const [toasts, setToasts] = useState<string[]>([]);
  const [two, setTwo] = useState(true);
  const tell = (kind: string) => (message: string, more?: { description?: string }) =>
    setToasts((before) => [...before, [kind, message, more?.description].filter(Boolean).join(" | ")]);
  const toast = { success: tell("success"), error: tell("error") };
  return (
    <main>
      <h1>Chat on React {version}</h1>
      <ModelSelector baseUrl={baseUrl} toast={toast} label="First" />
      {two && <ModelSelector baseUrl={baseUrl} label="Second" />}
      <ModelSelector baseUrl={baseUrl} route="search" label="Search" />
      <button onClick={() => setTwo(!two)}>Toggle second</button>
      <Direct />
      <ul aria-label="Toasts">
        {toasts.map((text, at) => (
          <li key={at}>{text}</li>
        ))}
      </ul>
    </main>
  );
}

/** The hook without the component, and what its promises say. */
function Direct() {
  const { currentModel, error, selectModel, refresh } = useModels({ baseUrl });
  const [answer, setAnswer] = useState("none");
  const ask = async (act: Promise<boolean>) => setAnswer(String(await act));
  return (
    <section aria-label="Direct">
      <button onClick={() => ask(selectModel("beta", "acme"))}>Select Beta</button>
      <button onClick={() => ask(selectModel("zed", "zeta"))}>Select Zed</button>
      <button onClick={() => ask(refresh())}>Refresh</button>
      <p>{`${currentModel?.target} ${currentModel?.pending ? "pending" : "settled"} ${answer}`}</p>
      <p>{error}</p>
    </section>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
