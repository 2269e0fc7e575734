'use client'

import { useCallback } from 'react'
import { toast } from 'sonner'

import { ModelPicker, type ModelPickerProps } from '@/components/ModelPicker'
import { DEFAULT_URL } from '@/lib/modelctl/servers'
import { useStore } from '@/store'

export type ModelSelectorProps = ModelPickerProps

/** Shows which model a route points to and switches it, in agent-ui's own looks: `<ModelSelector />`. */
export function ModelSelector({
  baseUrl = DEFAULT_URL,
  ...props
}: ModelSelectorProps) {
  const getToken = useCallback(() => tokenFor(baseUrl), [baseUrl])
  return (
    <ModelPicker
      baseUrl={baseUrl}
      getToken={getToken}
      toast={toast}
      triggerClassName="h-9 rounded-xl border-primary/15 bg-primaryAccent text-xs font-medium uppercase text-secondary"
      contentClassName="border-none bg-primaryAccent font-dmmono text-secondary shadow-lg"
      itemClassName="cursor-pointer text-xs data-[disabled]:text-muted data-[disabled]:opacity-100"
      warningClassName="text-xs font-normal text-amber-400"
      {...props}
    />
  )
}

export default ModelSelector

/** The token that was typed in for AgentOS goes to AgentOS alone, as where it serves the models too. */
function tokenFor(baseUrl: string): string | null {
  const { selectedEndpoint, authToken } = useStore.getState()
  return selectedEndpoint === baseUrl && authToken ? authToken : null
}
