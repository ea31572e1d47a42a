import type { AlertOptions } from '@gatehouse/pages/forms'
import type { Arrival } from '@gatehouse/relying-party/sign-in-routes'

/** What the welcome page says to somebody who comes from a sign-in or a session. */
export const arrivalNotices: Record<Arrival, AlertOptions> = {
  left: {
    kind: 'info',
    heading: 'You left the sign-in',
    body: 'Nothing was changed. Select Sign in to start again.',
  },
  'signed-out': { kind: 'success', heading: 'You are logged out of Business Services Online' },
  'signed-out-here-only': {
    kind: 'warning',
    heading: 'You are logged out of BSO only',
    body: 'The sign-in service could not be reached and may still know you. Close your browser.',
  },
}
