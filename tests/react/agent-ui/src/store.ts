import { create } from 'zustand'

import { modelsSlice, type ModelsSlice } from '@/lib/modelctl/slice'

interface Store extends ModelsSlice {
  selectedEndpoint: string
  authToken: string
}

export const useStore = create<Store>()((set) => ({
  selectedEndpoint: 'http://localhost:7777',
  authToken: '',
  ...modelsSlice(set, {
    baseUrl: new URLSearchParams(location.search).get('server') ?? undefined
  })
}))
