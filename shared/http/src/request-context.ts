import { AsyncLocalStorage } from 'node:async_hooks'

/** The request being answered, so that calls made for it carry its id to other services and into their logs. */
export const requestContext = new AsyncLocalStorage<{ requestId: string }>()
