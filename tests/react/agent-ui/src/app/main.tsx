import { createRoot } from 'react-dom/client'

import Page from '@/app/page'

createRoot(document.getElementById('root') as HTMLElement).render(<Page />)
