// Loads everything that `npm start` loads and ends. Run after an install, it leaves the compiled code in Node's cache, so
// that the first start is as quick as later ones.

import '@gatehouse/clock/shifted-date'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { serviceLoaders } from './services.ts'

await Promise.all([
  import('close-with-grace'),
  import('./suite.ts'),
  import('./welcome.ts'),
  import('@gatehouse/http/running-service'),
  ...SERVICE_NAMES.map((name) => serviceLoaders[name]()),
])
