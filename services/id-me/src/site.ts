import type { Site } from '@gatehouse/pages/site'

export const SITE: Site = { service: 'id-me', name: 'ID.me', tagline: 'A mock for testing' }

/** Cookies ignore ports, so the name carries the service. */
export const SESSION_COOKIE = 'id-me-session'
