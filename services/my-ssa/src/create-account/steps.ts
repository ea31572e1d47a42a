import { PATHS } from '../paths.ts'

/** The pages of creating an account, in their order. */
export const STEPS = {
  acknowledgement: PATHS.createAccount,
  aboutYou: `${PATHS.createAccount}/about-you`,
  email: `${PATHS.createAccount}/e-mail`,
  /** Where the link in the e-mail leads. */
  confirmation: `${PATHS.createAccount}/confirmation`,
  credentials: `${PATHS.createAccount}/username`,
  done: `${PATHS.createAccount}/done`,
} as const
