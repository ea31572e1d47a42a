// What can be set up, and where.

import type { RequiredAuthentication } from '@gatehouse/provider/browser/destination'

/** In the order and by the values of fact sheet 6.2. */
export const CHOICES = [
  'webauthn_platform',
  'auth_app',
  'phone',
  'webauthn',
  'piv_cac',
  'backup_code',
] as const
export type Choice = (typeof CHOICES)[number]

export const SET_UP_PATHS: Record<Choice, string> = {
  webauthn_platform: '/webauthn_setup?platform=true',
  auth_app: '/authenticator_setup',
  phone: '/phone_setup',
  webauthn: '/webauthn_setup',
  piv_cac: '/piv_cac_setup',
  backup_code: '/backup_code_setup',
}

/** Those with which a request would be content. */
export function choicesFor(requires: RequiredAuthentication | undefined): readonly Choice[] {
  if (requires?.hspd12) return ['piv_cac']
  if (requires?.phishingResistant) return ['webauthn_platform', 'webauthn', 'piv_cac']
  return CHOICES
}
