import { ModelSelector } from '@/components/ModelSelector'
import { useStore } from '@/store'
import { Toaster } from 'sonner'

const server = new URLSearchParams(location.search).get('server') ?? undefined

/** A sidebar of the same width and ground, with a field of its own above ours; and readers of the store. */
export default function Page() {
  const providers = useStore((state) => state.modelProviders)
  const current = useStore((state) => state.currentModel)
  const setCurrentModel = useStore((state) => state.setCurrentModel)
  const pick = (id: string) => {
    const models = providers.flatMap((provider) => provider.models)
    void setCurrentModel(models.find((model) => model.id === id) ?? null)
  }
  return (
    <div className="flex h-screen bg-background/80">
      <aside className="flex w-64 flex-col gap-2 px-2 py-3">
        <h1 className="text-xs font-medium uppercase text-primary">Agent UI</h1>
        <div
          data-testid="field"
          className="flex h-9 w-full items-center rounded-xl border border-primary/15 bg-accent p-3 text-xs font-medium uppercase text-muted"
        >
          {server}
        </div>
        <ModelSelector baseUrl={server} />
      </aside>
      <main className="m-1.5 flex-1 rounded-xl bg-background p-4 text-sm">
        <p data-testid="store">{`${providers.length} providers, ${current?.model_info?.name}`}</p>
        <button onClick={() => pick('gamma')}>Gamma through the store</button>
      </main>
      <Toaster />
    </div>
  )
}
