import type { Site } from '@gatehouse/pages/site'

export const SITE: Site = { service: 'my-ssa', name: 'my Social Security', tagline: 'A mock for testing' }

/** Cookies ignore ports, so the name carries the service. */
export const SESSION_COOKIE = 'my-ssa-session'
