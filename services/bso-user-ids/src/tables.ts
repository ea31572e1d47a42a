/** Who holds a User ID, or is behind an account. Names are folded; the SSN is only there as a keyed digest. */
export interface Holder {
  ssnDigest: string | null
  firstName: string
  lastName: string
  /** YYYY-MM-DD */
  dateOfBirth: string
}

/** Instants are milliseconds. */
export interface Tables {
  /** The address is the one that is registered with the IRS: all of it, or nothing. */
  companies: {
    ein: string
    name: string
    /** What is searched for. */
    foldedName: string | null
    street: string | null
    city: string | null
    state: string | null
    zipCode: string | null
  }
  accounts: Holder & { accountId: string; firstAssociatedAt: number }
  credentials: { idp: string; subject: string; accountId: string; linkedAt: number }
  userIds: Holder & {
    bsoUserId: string
    ein: string
    /** The account that requested it here; null where it was issued otherwise. */
    requestedBy: string | null
    issuedAt: number
  }
  /** The BSO services that are active for a User ID. */
  userIdServices: { bsoUserId: string; service: string; activeSince: number }
  /** Services that were requested and wait for their activation code. */
  serviceRequests: { bsoUserId: string; service: string; requestedAt: number }
  links: { accountId: string; bsoUserId: string; linkedAt: number; lastSelectedAt: number | null }
  /** Every order to disable that there ever was. What none is about that stands is enabled. */
  disablementOrders: {
    /** A User ID or an EIN: eight characters or nine, so neither passes for the other. */
    target: string
    orderId: string
    at: number
    by: string
    reason: string
    /** From when on it is over; null where only lifting ends it. */
    until: number | null
    liftedAt: number | null
  }
}
