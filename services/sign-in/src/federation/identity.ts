import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { type IdentityProvider, isProofedAt } from './providers.ts'

/** What identifies the person behind a credential, as far as the provider says. */
export interface FederatedIdentity {
  idp: string
  subject: string
  acr: string | undefined
  amr: string[]
  /** Whether the provider has proofed who this is. If not, names, birth date and SSN are what somebody typed. */
  isProofed: boolean
  givenName: string | undefined
  familyName: string | undefined
  /** YYYY-MM-DD. */
  birthdate: string | undefined
  email: string | undefined
  /** Nine digits. Kept nowhere in this service. */
  ssn: string | undefined
  /** The name that the person chose at the provider. It says who somebody is there, and nowhere else. */
  username: string | undefined
}

type Claims = Record<string, unknown>

const Texts = Type.Array(Type.String())
/** As long as any claim may be that the suite takes over; `bso-user-ids` takes names up to here. */
const LONGEST_TEXT = 100
/** Of a subject (OpenID Connect Core §2). */
const LONGEST_SUBJECT = 255

const text = (claims: Claims, name: string, longest = LONGEST_TEXT) => {
  const value = claims[name]
  return typeof value === 'string' && value.trim() !== '' && value.length <= longest ? value : undefined
}

/**
 * People without an SSN carry other numbers at some providers, or a placeholder that would make them all one person:
 * what is no SSN or ITIN is not taken for one. No SSN has the area 000 or 666, the group 00 or the serial 0000.
 */
function nineDigits(value: string | undefined): string | undefined {
  const digits = value?.replaceAll('-', '')
  return digits && /^(?!000|666)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}$/.test(digits) ? digits : undefined
}

function calendarDate(value: string | undefined): string | undefined {
  if (!value || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value)) return undefined
  const date = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(value) ? value : undefined
}

/** The level and methods that the provider asserts, by its own claims or by the rules of its row. */
function assertedAssurance(provider: IdentityProvider, idToken: Claims, claims: Claims) {
  const applies = ({ when }: { when: Record<string, readonly unknown[]> }) =>
    Object.entries(when).every(([name, values]) => values.some((value) => value === claims[name]))
  const rule = provider.assurance?.find(applies)
  const methods = Value.Check(Texts, idToken.amr) ? idToken.amr : provider.amr
  const proved = provider.methods?.filter(applies).flatMap(({ amr }) => amr) ?? []
  return {
    acr: provider.assurance ? rule?.acr : text(idToken, 'acr', LONGEST_SUBJECT),
    amr: [...new Set([...(rule?.amr ?? methods), ...proved])],
  }
}

/**
 * Who a provider says this is.
 *
 * @param idToken its claims, verified
 * @param userinfo its claims, verified to be about the same subject; none where the provider has no userinfo
 * @throws Error when the level that it asserts is not enough, or the subject is longer than subjects are
 */
export function identityFrom(
  provider: IdentityProvider,
  idToken: Claims & { sub: string },
  userinfo: Claims,
): FederatedIdentity {
  const claims = { ...idToken, ...userinfo }
  const { acr, amr } = assertedAssurance(provider, idToken, claims)
  if (provider.acceptedAcr && !provider.acceptedAcr.includes(acr ?? '')) {
    throw new Error('the provider asserted an assurance level that is not enough')
  }
  const subject = text(idToken, 'sub', LONGEST_SUBJECT)
  if (!subject) throw new Error('the provider gave no usable subject')
  const names = provider.claims
  return {
    idp: provider.id,
    subject,
    acr,
    amr,
    isProofed: isProofedAt(acr, provider),
    givenName: text(claims, names?.givenName ?? 'given_name'),
    familyName: text(claims, names?.familyName ?? 'family_name'),
    birthdate: calendarDate(text(claims, names?.birthdate ?? 'birthdate')),
    email: text(claims, names?.email ?? 'email', 254),
    ssn: nineDigits(text(claims, names?.ssn ?? 'social_security_number')),
    username: text(claims, names?.username ?? 'preferred_username'),
  }
}
