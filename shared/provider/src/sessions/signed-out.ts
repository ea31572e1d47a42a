import type { SessionChanges } from './store.ts'

/** Takes all that is a person's out of a session: the request of a relying service waits on for whoever comes next. */
export const SIGNED_OUT = {
  accountId: null,
  signInId: null,
  authentication: null,
  challenge: null,
  ceremony: null,
  detour: null,
  visited: null,
  notice: null,
} as const satisfies SessionChanges
