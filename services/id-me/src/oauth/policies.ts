// The scopes of ID.me name policies (fact sheet 3). How strongly somebody must sign in is in the names of most; for the
// others it is assumed.

/** What the person of a request must have. */
export interface Policy {
  /** The scope value. */
  name: string
  /** Authenticator assurance level: 1 is a password, 2 a second factor as well. */
  aal: 1 | 2
  identity: 'self-asserted' | 'verified'
  /** The identity is verified again for each request. */
  verifiesAlways: boolean
  /** VA's older levels are told in other words. */
  isLoa: boolean
  /** The community that the person must belong to. */
  group: string | undefined
}

const NS = 'http://idmanagement.gov/ns/assurance'

const COMMUNITIES = [
  'military',
  'responder',
  'student',
  'teacher',
  'government',
  'employee',
  'hospital_employee',
  'alumni',
  'nurse',
  'medical',
]

function policy(name: string, more: Partial<Policy> = {}): [string, Policy] {
  const plain = { aal: 1, identity: 'self-asserted', verifiesAlways: false, isLoa: false } as const
  return [name, { ...plain, group: undefined, ...more, name }]
}

const verified = { aal: 2, identity: 'verified' } as const

export const POLICIES: ReadonlyMap<string, Policy> = new Map([
  policy(`${NS}/ial/1/aal/1`),
  policy(`${NS}/ial/1/aal/2`, { aal: 2 }),
  policy(`${NS}/ial/2/aal/2`, verified),
  policy(`${NS}/ial/2/aal/2-always-verify`, { ...verified, verifiesAlways: true }),
  policy(`${NS}/loa/1/vets`, { isLoa: true }),
  policy(`${NS}/loa/3`, { ...verified, isLoa: true }),
  policy(`${NS}/loa/3_force`, { ...verified, isLoa: true, verifiesAlways: true }),
  policy('login'),
  policy('mfa', { aal: 2 }),
  policy('kba_replacement', verified),
  policy('fortified_identity', verified),
  ...COMMUNITIES.flatMap((name) => [name, `${name}_canada`]).map((group) => policy(group, { group })),
])

/** Scope values beside the policies: OpenID Connect itself, and VA's word for "at least". */
const MODIFIERS = new Set(['openid', 'comparison:minimum'])

export interface RequestedScope {
  /** The values in the order given, each once. */
  values: string[]
  hasOpenId: boolean
  /** Everything that must be the name of a policy. */
  policies: string[]
}

export function readScope(text: string): RequestedScope {
  const values = [...new Set(text.split(' ').filter(Boolean))]
  return {
    values,
    hasOpenId: values.includes('openid'),
    policies: values.filter((value) => !MODIFIERS.has(value)),
  }
}
