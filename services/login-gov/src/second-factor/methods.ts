// Which second factors an account has, which of them a request accepts, and in what order they are offered (fact sheet
// 6.1 step 4 and 6.2). Knows nothing of pages.

import type {
  Authenticator,
  AuthenticatorKind,
  Authenticators,
} from '@gatehouse/provider/authenticators/authenticators'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import type { RequiredAuthentication } from '@gatehouse/provider/browser/destination'

/** In the order of the page with the options; the names that a session keeps of how somebody signed in. */
export const METHODS = [
  'sms',
  'voice',
  'totp',
  'webauthn',
  'webauthn_platform',
  'piv_cac',
  'backup_code',
  'personal_key',
] as const
export type Method = (typeof METHODS)[number]

/** What an account can give as its second factor. */
export interface Means {
  /** The default one first. */
  phones: Authenticator<'phone'>[]
  methods: Method[]
}

const METHODS_OF: Record<AuthenticatorKind, Method[]> = {
  phone: ['sms'],
  authenticator_app: ['totp'],
  security_key: ['webauthn'],
  platform_authenticator: ['webauthn_platform'],
  certificate: ['piv_cac'],
  push_app: [],
}

const PHISHING_RESISTANT: readonly Method[] = ['webauthn', 'webauthn_platform', 'piv_cac']

/** What is asked for first; without any of these the person chooses. */
const FIRST: readonly Method[] = ['piv_cac', 'webauthn_platform', 'webauthn', 'totp', 'sms', 'backup_code']

export async function meansOf(
  accountId: string,
  { authenticators, lookUpSecrets }: { authenticators: Authenticators; lookUpSecrets: LookUpSecrets },
): Promise<Means> {
  const [all, backupCodes, personalKeys] = await Promise.all([
    authenticators.of(accountId),
    lookUpSecrets.left(accountId, 'backup_code'),
    lookUpSecrets.left(accountId, 'personal_key'),
  ])
  const phones = all
    .filter((one): one is Authenticator<'phone'> => one.kind === 'phone')
    .toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault))
  const has = new Set<Method>(all.flatMap(({ kind }) => METHODS_OF[kind]))
  if (phones.some(takesCalls)) has.add('voice')
  if (backupCodes > 0) has.add('backup_code')
  if (personalKeys > 0) has.add('personal_key')
  return { phones, methods: METHODS.filter((method) => has.has(method)) }
}

/** Calls go to numbers of the North American plan only. */
export function takesCalls({ details }: Pick<Authenticator<'phone'>, 'details'>): boolean {
  return details.number.startsWith('+1')
}

/** Those of `methods` that a request accepts; without demands all of them. */
export function accepted(methods: Method[], requires: RequiredAuthentication | undefined): Method[] {
  if (requires?.hspd12) return methods.filter((method) => method === 'piv_cac')
  if (requires?.phishingResistant) return methods.filter((method) => PHISHING_RESISTANT.includes(method))
  return methods
}

export function firstOf(methods: Method[]): Method | undefined {
  return FIRST.find((method) => methods.includes(method))
}

const PLACES: Record<Method, string> = {
  sms: 'sms',
  voice: 'voice',
  totp: 'authenticator',
  webauthn: 'webauthn',
  webauthn_platform: 'webauthn?platform=true',
  piv_cac: 'piv_cac',
  backup_code: 'backup_code',
  personal_key: 'personal_key',
}

/** The page that asks for it, without language prefix. */
export function challengePath(method: Method): string {
  return `/login/two_factor/${PLACES[method]}`
}

/** What the person chose on the page with the options; the phone by its id. */
export interface Selection {
  method: Method
  phone?: Authenticator<'phone'>
}

/** The value of a radio button (fact sheet 6.2): phones carry their id, and the app has another name there. */
export function selectionValue(method: Method, phone?: Pick<Authenticator, 'id'>): string {
  if (phone) return `${method}_${phone.id}`
  return method === 'totp' ? 'auth_app' : method
}

/** Nothing for a value that the page did not offer. A bare `sms` or `voice` means the default phone. */
export function readSelection(value: string | undefined, methods: Method[], phones: Means['phones']) {
  return selectionsOf(methods, phones).find(
    ({ method, phone }) => value === selectionValue(method, phone) || (phone && value === method),
  )
}

/** Everything to choose from, in its order. */
export function selectionsOf(methods: Method[], phones: Means['phones']): Selection[] {
  return methods.flatMap((method): Selection[] => {
    if (method === 'sms') return phones.map((phone) => ({ method, phone }))
    if (method === 'voice') return phones.filter(takesCalls).map((phone) => ({ method, phone }))
    return [{ method }]
  })
}
