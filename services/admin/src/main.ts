import { serve } from '@gatehouse/http/serve'

await serve(() => import('./service.ts'))
