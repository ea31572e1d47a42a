// How a sign-in is told to relying services: `acr` by its level, `amr` by RFC 8176.

import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import type { Authentication } from '@gatehouse/provider/sessions/store'

type Acr = (typeof MY_SSA_ACR)[keyof typeof MY_SSA_ACR]

const LEVELS: readonly string[] = Object.values(MY_SSA_ACR)

export function hasExtraSecurity({ methods }: Authentication): boolean {
  return methods.includes('sms')
}

export function acrAndAmr(authentication: Authentication): { acr: Acr; amr: string[] } {
  return hasExtraSecurity(authentication)
    ? { acr: MY_SSA_ACR.withExtraSecurity, amr: ['pwd', 'sms', 'mfa'] }
    : { acr: MY_SSA_ACR.withPassword, amr: ['pwd'] }
}

/**
 * Whether the first level that we know of in `acr_values` is the one with extra security: the values are in order of
 * preference, and voluntary (OpenID Connect Core §3.1.2.1).
 */
export function asksForExtraSecurity(acrValues: string | undefined): boolean {
  const first = acrValues?.split(' ').find((value) => LEVELS.includes(value))
  return first === MY_SSA_ACR.withExtraSecurity
}
