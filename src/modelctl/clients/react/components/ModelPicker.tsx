'use client'

import { useId, useState } from 'react'

import { ModelList } from '@/components/ModelList'
import { ProviderMark } from '@/components/ModelOption'
import { Select, SelectTrigger, SelectValue } from '@/components/ui/select'
import { useModels, type Models, type ModelsOptions } from '@/hooks/useModels'
import { keyOf } from '@/lib/modelctl/offers'

export interface ModelPickerProps extends ModelsOptions {
  /** Its name for those who hear the page rather than see it. */
  label?: string
  disabled?: boolean
  className?: string
  triggerClassName?: string
  contentClassName?: string
  itemClassName?: string
  /** Of what keeps a model from being used and of its end. */
  warningClassName?: string
}

/** The field, its popup and a button that has the server read its catalog again. */
export function ModelPicker({
  label = 'Model',
  disabled,
  className = 'w-full',
  triggerClassName,
  contentClassName,
  itemClassName,
  warningClassName,
  ...options
}: ModelPickerProps) {
  const models = useModels(options)
  const { modelProviders, currentModel, error, selectModel } = models
  const errorId = useId()
  const [open, setOpen] = useState(false)
  const [query, setQuery] = useState('')
  const show = (next: boolean) => {
    setQuery('')
    setOpen(next)
  }
  const offers = modelProviders.flatMap((provider) => provider.models)
  const choose = (key: string) => {
    const model = offers.find((one) => keyOf(one) === key)
    if (model) void selectModel(model.id, model.provider)
  }
  return (
    <div className={className}>
      <div className="flex w-full items-center gap-1">
        <Select
          open={open}
          onOpenChange={show}
          value={chosenKey(currentModel)}
          onValueChange={choose}
          disabled={disabled || !modelProviders.length}
        >
          <SelectTrigger
            aria-label={label}
            aria-haspopup="dialog"
            aria-busy={models.isModelsLoading || !!currentModel?.pending}
            aria-describedby={error ? errorId : undefined}
            className={`min-w-0 flex-1 ${triggerClassName ?? ''}`}
          >
            <Shown {...models} />
          </SelectTrigger>
          <ModelList
            label={label}
            modelProviders={modelProviders}
            query={query}
            setQuery={setQuery}
            choose={(model) => {
              choose(keyOf(model))
              show(false)
            }}
            contentClassName={contentClassName}
            itemClassName={itemClassName}
            warningClassName={warningClassName}
          />
        </Select>
        <RefreshButton refresh={models.refresh} label={label} />
      </div>
      {error && (
        <p id={errorId} role="alert" className="mt-1 text-xs">
          {error}
        </p>
      )}
    </div>
  )
}

function Shown({ currentModel, modelProviders, isModelsLoading }: Models) {
  const name = currentModel?.model_info?.name ?? currentModel?.target
  const provider = modelProviders.find(
    (one) => one.id === currentModel?.provider
  )
  return (
    <SelectValue
      placeholder={isModelsLoading ? 'Loading models…' : 'No models'}
    >
      {name && (
        <span className="flex min-w-0 items-center gap-2">
          {provider && <ProviderMark provider={provider} />}
          <span className="truncate">{name}</span>
        </span>
      )}
    </SelectValue>
  )
}

function RefreshButton({
  refresh,
  label
}: {
  refresh: Models['refresh']
  label: string
}) {
  const [busy, setBusy] = useState(false)
  const ask = async () => {
    setBusy(true)
    await refresh()
    setBusy(false)
  }
  return (
    <button
      type="button"
      aria-label={`Refresh: ${label}`}
      title="Read the catalog again"
      disabled={busy}
      onClick={() => void ask()}
      className="inline-flex size-9 shrink-0 items-center justify-center rounded-md hover:opacity-70 disabled:opacity-50"
    >
      <svg
        aria-hidden="true"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
        className={busy ? 'size-4 animate-spin' : 'size-4'}
      >
        <path d="M21 12a9 9 0 0 1-15.3 6.4L3 16m0 5v-5h5M3 12a9 9 0 0 1 15.3-6.4L21 8m0-5v5h-5" />
      </svg>
    </button>
  )
}

const chosenKey = (current: Models['currentModel']) =>
  current ? keyOf({ id: current.model_id, provider: current.provider }) : ''
