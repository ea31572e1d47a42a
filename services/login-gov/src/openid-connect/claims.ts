// What a relying service learns about a person (fact sheet 4): the body of userinfo, and most of the id_token.

import type { Account, Profile } from '@gatehouse/provider/accounts/account'
import type { Client } from '../clients/client.ts'
import type { SharedAttribute } from '../consent/pages.ts'
import { type AssuranceRequest, assertedLevel } from './assurance-levels.ts'
import type { Scope } from './scopes.ts'

export interface ClaimsSource {
  issuer: string
  subject: string
  account: Account
  client: Client
  assurance: AssuranceRequest
  scopes: readonly Scope[]
  locale: string
  /** The address that the person chose to share with this client; it counts while it is the account's. */
  sharedEmail?: string | undefined
  /** The government employee's certificate that was presented, if one was. */
  certificate?: { subject: string; issuer: string } | undefined
  /** Seconds; told only where the service is configured to. */
  authTime?: number | undefined
}

export function userInfoClaims(source: ClaimsSource): Record<string, unknown> {
  const { account, assurance, scopes } = source
  const asks = (...any: Scope[]) => any.some((scope) => scopes.includes(scope))
  const profile = sharedProfile(source)
  const level = assertedLevel(assurance, account.profile)
  return {
    sub: source.subject,
    iss: source.issuer,
    ...(asks('email') && { email: emailFor(source), email_verified: true }),
    ...(asks('all_emails') && { all_emails: account.emails }),
    ...(asks('locale') && { locale: source.locale }),
    ...(profile &&
      asks('profile', 'profile:name') && {
        given_name: profile.givenName,
        family_name: profile.familyName,
      }),
    ...(profile && asks('profile', 'profile:birthdate') && { birthdate: profile.birthdate }),
    ...(profile &&
      asks('social_security_number') && { social_security_number: profile.socialSecurityNumber ?? null }),
    ...(profile && asks('address') && { address: addressClaim(profile) }),
    ...(profile &&
      asks('phone') && {
        phone: profile.phoneNumber ?? null,
        phone_verified: profile.phoneNumber ? true : null,
      }),
    ...(asks('profile', 'profile:verified_at') && { verified_at: verifiedAt(source) }),
    ...(asks('x509', 'x509:subject') && { x509_subject: source.certificate?.subject ?? null }),
    ...(asks('x509', 'x509:issuer') && { x509_issuer: source.certificate?.issuer ?? null }),
    ...(asks('x509', 'x509:presented') && { x509_presented: source.certificate !== undefined }),
    ial: level,
    aal: assurance.aal,
    ...(source.authTime !== undefined && { auth_time: source.authTime }),
  }
}

/** What the person is asked to agree to, in the words of the consent page. */
export function sharedAttributes(
  source: Omit<ClaimsSource, 'issuer' | 'subject' | 'locale' | 'authTime'>,
): SharedAttribute[] {
  const { account, scopes } = source
  const asks = (...any: Scope[]) => any.some((scope) => scopes.includes(scope))
  const profile = sharedProfile(source)
  const shared: SharedAttribute[] = []
  if (asks('email')) shared.push({ name: 'email', value: emailFor(source) })
  if (asks('all_emails')) shared.push({ name: 'all_emails', value: account.emails.join('\n') })
  if (source.certificate && asks('x509', 'x509:subject', 'x509:issuer', 'x509:presented')) {
    shared.push({ name: 'x509', value: source.certificate.subject })
  }
  if (profile && asks('profile', 'profile:name')) {
    shared.push({ name: 'name', value: `${profile.givenName} ${profile.familyName}` })
  }
  if (profile && asks('address')) shared.push({ name: 'address', value: formattedAddress(profile.address) })
  if (profile && asks('profile', 'profile:birthdate'))
    shared.push({ name: 'birthdate', value: profile.birthdate })
  if (profile?.phoneNumber && asks('phone')) shared.push({ name: 'phone', value: profile.phoneNumber })
  if (profile?.socialSecurityNumber && asks('social_security_number')) {
    shared.push({ name: 'social_security_number', value: `***-**-${profile.socialSecurityNumber.slice(-4)}` })
  }
  const verified = verifiedAt(source)
  if (verified !== null && asks('profile', 'profile:verified_at')) {
    shared.push({ name: 'verified_at', value: new Date(verified * 1000).toISOString().slice(0, 10) })
  }
  return shared
}

function emailFor({ account, sharedEmail }: Pick<ClaimsSource, 'account' | 'sharedEmail'>): string {
  return sharedEmail !== undefined && account.emails.includes(sharedEmail) ? sharedEmail : account.email
}

/** The profile, if this request may see any of it. */
function sharedProfile({
  account,
  assurance,
}: Pick<ClaimsSource, 'account' | 'assurance'>): Profile | undefined {
  return assurance.level === 'auth_only' ? undefined : account.profile
}

/** Told to clients for proofing whatever this request asked for. */
function verifiedAt({ account, client }: Pick<ClaimsSource, 'account' | 'client'>): number | null {
  if (!account.profile || client.ial < 2) return null
  return Math.floor(account.profile.verifiedAt / 1000)
}

function addressClaim({ address }: Profile) {
  if (!address.street) return null
  return {
    formatted: formattedAddress(address),
    street_address: address.street,
    locality: address.locality,
    region: address.region,
    postal_code: address.postalCode.slice(0, 5),
  }
}

function formattedAddress({ street, locality, region, postalCode }: Profile['address']): string {
  return `${street}\n${locality}, ${region} ${postalCode.slice(0, 5)}`
}
