'use client'

import { useRef, type KeyboardEvent, type RefObject } from 'react'

import { ModelOption, ProviderMark } from '@/components/ModelOption'
import { SelectContent, SelectGroup, SelectLabel } from '@/components/ui/select'
import type { OfferedModel, OfferedProvider } from '@/lib/modelctl/offers'

export interface ModelListProps {
  label: string
  modelProviders: OfferedProvider[]
  query: string
  setQuery(query: string): void
  /** Enter in the search. */
  choose(model: OfferedModel): void
  contentClassName?: string
  itemClassName?: string
  warningClassName?: string
}

/** The popup: a search, then the providers with what they offer. */
export function ModelList(props: ModelListProps) {
  const { label, query, setQuery, contentClassName } = props
  const search = useRef<HTMLInputElement>(null)
  const found = matching(props.modelProviders, query)
  const first = found
    .flatMap((provider) => provider.models)
    .find((model) => model.disabledReason === null)
  return (
    <SelectContent
      role="dialog"
      aria-label={label}
      className={`w-80 max-w-[90vw] ${contentClassName ?? ''}`}
      onKeyDown={(event) => typed(event, search, query, setQuery)}
    >
      <div className="sticky top-0 z-10 bg-inherit p-1">
        <input
          ref={search}
          type="text"
          value={query}
          placeholder="Search models"
          aria-label="Search models"
          className="h-8 w-full rounded-md border bg-transparent px-2 text-xs outline-none placeholder:text-inherit placeholder:opacity-70 focus:ring-1"
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && first) props.choose(first)
            if (!['ArrowDown', 'ArrowUp', 'Escape', 'Tab'].includes(event.key))
              event.stopPropagation()
          }}
        />
      </div>
      <div role="listbox" aria-label={label}>
        {found.map((provider) => (
          <Group key={provider.id} provider={provider} {...props} />
        ))}
      </div>
      {!found.length && (
        <p role="status" className="px-2 py-3 text-xs">
          No model matches “{query}”
        </p>
      )}
    </SelectContent>
  )
}

function Group({
  provider,
  itemClassName,
  warningClassName
}: ModelListProps & { provider: OfferedProvider }) {
  return (
    <SelectGroup>
      <SelectLabel className="flex flex-wrap items-center gap-2 text-xs">
        <ProviderMark provider={provider} />
        {provider.name}
        {provider.disabledReason && (
          <span className={warningClassName ?? 'text-xs font-normal'}>
            {provider.disabledReason}
          </span>
        )}
      </SelectLabel>
      {provider.models.map((model) => (
        <ModelOption
          key={model.id}
          model={model}
          saidAbove={provider.disabledReason}
          className={`pr-8 ${itemClassName ?? ''}`}
          warningClassName={warningClassName}
        />
      ))}
    </SelectGroup>
  )
}

/** Typing anywhere in the popup goes into the search, so that it can begin at once. */
function typed(
  event: KeyboardEvent,
  search: RefObject<HTMLInputElement | null>,
  query: string,
  setQuery: (query: string) => void
) {
  const { key } = event
  const isText = key.length === 1 && key !== ' '
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (!isText && key !== 'Backspace') return
  event.preventDefault() // the select would jump to a name that begins with it
  setQuery(isText ? query + key : query.slice(0, -1))
  search.current?.focus()
}

/** Each word must stand somewhere in a model's names, its provider's name or its tags. */
function matching(providers: OfferedProvider[], query: string) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return providers
    .map((provider) => ({
      ...provider,
      models: provider.models.filter((model) => {
        const { name, id, public_name, tags } = model
        const text = [name, id, public_name, provider.name, ...tags]
          .join(' ')
          .toLowerCase()
        return words.every((word) => text.includes(word))
      })
    }))
    .filter((provider) => provider.models.length > 0)
}
