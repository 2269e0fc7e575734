'use client'

import { ModelPicker, type ModelPickerProps } from '@/components/ModelPicker'

export type ModelSelectorProps = ModelPickerProps

/** Shows which model a route points to and switches it: `<ModelSelector baseUrl="http://localhost:7777" />`. */
export function ModelSelector(props: ModelSelectorProps) {
  return <ModelPicker {...props} />
}

export default ModelSelector
