'use client'

import { SelectItem } from '@/components/ui/select'
import {
  CAPABILITIES,
  has,
  mark,
  price,
  retirement,
  tokens,
  type Capability
} from '@/lib/modelctl'
import { keyOf, type OfferedModel } from '@/lib/modelctl/offers'

const BADGES: Capability[] = ['vision', 'reasoning', 'streaming', 'tools']

export interface ModelOptionProps {
  model: OfferedModel
  /** Stands in the heading already. */
  saidAbove: string | null
  className?: string
  warningClassName?: string
}

/** A model in the list: its name, facts and capabilities, and why it cannot be used. */
export function ModelOption({
  model,
  saidAbove,
  className,
  warningClassName
}: ModelOptionProps) {
  const ending = retirement(model)
  const reason = model.disabledReason
  const isNew =
    reason && reason !== saidAbove && !(reason === 'retired' && ending)
  return (
    <SelectItem
      value={keyOf(model)}
      textValue={model.name}
      disabled={reason !== null}
      className={className}
    >
      <span className="flex min-w-0 flex-col gap-0.5 whitespace-normal text-left">
        <span className="font-medium">{model.name}</span>
        <span className="flex flex-wrap items-center gap-1 text-xs opacity-80">
          <span>{facts(model)}</span>
          {BADGES.filter((name) => has(model, name)).map((name) => (
            <span key={name} className="rounded border px-1 leading-4">
              {CAPABILITIES[name][1]}
            </span>
          ))}
        </span>
        {isNew && <span className="text-xs">{reason}</span>}
        {ending && (
          <span className={warningClassName ?? 'text-xs font-semibold'}>
            {ending}
          </span>
        )}
      </span>
    </SelectItem>
  )
}

/** "1M · $2.00 in · $10.00 out", as far as it is known. */
function facts({ context_window, price: { input, output } }: OfferedModel) {
  const cost =
    input === 0 && output === 0
      ? ['free']
      : [input && `${price(input)} in`, output && `${price(output)} out`]
  return [tokens(context_window), ...cost].filter(Boolean).join(' · ')
}

/** A provider's sign in its own colour. */
export function ProviderMark({
  provider
}: {
  provider: {
    id?: string
    name: string
    icon?: string | null
    color?: string | null
  }
}) {
  const sign = mark(provider)
  const shape =
    'inline-flex size-4 shrink-0 items-center justify-center rounded text-[9px] font-bold'
  if ('image' in sign)
    return (
      // eslint-disable-next-line @next/next/no-img-element -- a data: image, nothing to optimise
      <img src={sign.image} alt="" className={shape} />
    )
  const style = { backgroundColor: sign.color, color: sign.ink }
  return (
    <span aria-hidden="true" className={shape} style={style}>
      {sign.text}
    </span>
  )
}
