// What a policy can be configured to tell about a person, by ID.me's claim names (fact sheet 5).

import type { Account, Evidence, Profile } from '@gatehouse/provider/accounts/account'

/** Claim names with what people read; `attributes.json` has both. */
export const ATTRIBUTE_NAMES = {
  uuid: 'Unique identifier',
  email: 'Email',
  emails_confirmed: 'Confirmed emails',
  fname: 'First name',
  mname: 'Middle name',
  lname: 'Last name',
  birth_date: 'Birth date',
  social: 'Social Security number',
  phone: 'Phone number',
  street: 'Street',
  city: 'City',
  state: 'State',
  zip: 'Postal code',
} as const
export type Attribute = keyof typeof ATTRIBUTE_NAMES

export const ATTRIBUTES = Object.keys(ATTRIBUTE_NAMES) as Attribute[]

export function isAttribute(name: string): name is Attribute {
  return Object.hasOwn(ATTRIBUTE_NAMES, name)
}

/** Every policy tells these. */
export const DEFAULT_ATTRIBUTES: readonly Attribute[] = ['uuid', 'fname', 'lname', 'zip']

/** What people without a verified identity say about themselves is not taken for more than this. */
const SELF_ASSERTED = new Set<Attribute>(['fname', 'lname', 'zip'])

export type AttributeValues = Partial<Record<Attribute, string | string[]>>

/** The one identifier of an account, the same for every relying service and for good: 32 hexadecimal characters. */
export function uuidOf({ id }: Pick<Account, 'id'>): string {
  return id.replaceAll('-', '')
}

/** The values that there are of `wanted`, in the order of the table; nobody has all of them. */
export function attributeValues(
  account: Account,
  wanted: readonly Attribute[],
  { hyphensInSocial }: { hyphensInSocial: boolean },
): AttributeValues {
  const values = {
    uuid: uuidOf(account),
    email: account.email,
    emails_confirmed: account.emails,
    ...personalValues(account),
  }
  const social = values.social
  if (social && hyphensInSocial) values.social = social.replace(/^(\d{3})(\d{2})(\d{4})$/, '$1-$2-$3')
  return Object.fromEntries(
    ATTRIBUTES.filter((name) => wanted.includes(name) && values[name] !== undefined).map((name) => [
      name,
      values[name],
    ]),
  )
}

function personalValues({ profile, evidence }: Account): Partial<Record<Attribute, string>> {
  if (profile) return identityValues(profile)
  const own = evidence ? identityValues(evidence.identity) : {}
  return Object.fromEntries(Object.entries(own).filter(([name]) => SELF_ASSERTED.has(name as Attribute)))
}

function identityValues(identity: Profile | Evidence['identity']): Partial<Record<Attribute, string>> {
  const { address } = identity
  const values: Partial<Record<Attribute, string | undefined>> = {
    fname: identity.givenName,
    mname: identity.middleName,
    lname: identity.familyName,
    birth_date: identity.birthdate,
    social: identity.socialSecurityNumber,
    phone: identity.phoneNumber,
    street: address.street,
    city: address.locality,
    state: address.region,
    zip: address.postalCode.slice(0, 5),
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as Record<string, string>
}
