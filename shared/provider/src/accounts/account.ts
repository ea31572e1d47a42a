/** What proofing has established about a person. */
export interface Profile {
  givenName: string
  middleName?: string
  familyName: string
  /** YYYY-MM-DD. */
  birthdate: string
  /** Nine digits; absent for people who have none. */
  socialSecurityNumber?: string
  /** E.164; absent when the number was not verified with the identity. */
  phoneNumber?: string
  address: { street: string; locality: string; region: string; postalCode: string }
  /** Whether a photograph of the face was compared with the document. */
  faceMatched: boolean
  /** Milliseconds. */
  verifiedAt: number
}

/** What a made-up person has to show when the provider wants to verify the identity, and how that ends. */
export interface Evidence {
  identity: Omit<Profile, 'faceMatched' | 'verifiedAt'>
  outcome: 'passes' | 'fails'
}

/** A group that a person belongs to, such as the military, with its subgroups. */
export interface Affiliation {
  group: string
  subgroups: string[]
}

export interface Account {
  id: string
  /** The confirmed address last used to sign in, else the oldest; lower case. */
  email: string
  /** All confirmed addresses, oldest first. */
  emails: string[]
  /** Absent while the identity is not proofed. */
  profile: Profile | undefined
  /** Absent for people who are no personas. */
  evidence: Evidence | undefined
  affiliations: Affiliation[]
  isSuspended: boolean
  /** The password is known to be in wrong hands: it lets nobody in until it is another one. */
  passwordResetRequired: boolean
  /** Milliseconds, like all instants here. */
  passwordChangedAt: number
  rulesAcceptedAt: number | undefined
  createdAt: number
}

export interface NewAccount {
  email: string
  profile?: Profile | undefined
  evidence?: Evidence | undefined
  affiliations?: Affiliation[]
  rulesAcceptedAt?: number
}
