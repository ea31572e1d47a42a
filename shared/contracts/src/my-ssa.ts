/**
 * How a person signed in at my Social Security, as its `acr` claim says it. The names are ours: which protocol Social
 * Security spoke with it is not public.
 */
export const MY_SSA_ACR = {
  /** Username and password. */
  withPassword: 'urn:gatehouse:acr:my-ssa:password',
  /** Username, password and a text message. */
  withExtraSecurity: 'urn:gatehouse:acr:my-ssa:extra-security',
} as const
