import type { Site } from '@gatehouse/pages/site'

export const SITE: Site = { service: 'id-me', name: 'ID.me', tagline: 'A mock for testing' }
