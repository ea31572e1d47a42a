import type { ParseArgsOptionsConfig } from 'node:util'
import { StuckAt } from '@gatehouse/testkit/page'
import { type SignedIn, signInHeadless } from '@gatehouse/testkit/sign-in'
import { CommandFailure, text, UsageError, type Values } from './command.ts'
import type { RunningSuite } from './running-suite.ts'

/** Who signs in, and how. */
export const personaOptions = {
  persona: { type: 'string' },
  provider: { type: 'string' },
  channel: { type: 'string' },
  ein: { type: 'string' },
} satisfies ParseArgsOptionsConfig

export const personaHelp = `  --persona ID    who signs in (default maria)
  --provider IDP  login.gov or id.me (default login.gov)
  --channel HOW   text or call: how the one-time code comes (default text)
  --ein EIN       with the User ID for this employer; asks for one if there is none
`

/**
 * Signs the persona in through every page.
 *
 * @throws UsageError; CommandFailure naming the page at which the sign-in ended
 */
export async function signInPersona(suite: RunningSuite, values: Values): Promise<SignedIn> {
  const channel = text(values, 'channel') ?? 'text'
  if (channel !== 'text' && channel !== 'call') throw new UsageError('--channel takes text or call')
  const provider = text(values, 'provider') ?? 'login.gov'
  if (provider !== 'login.gov' && provider !== 'id.me')
    throw new UsageError('--provider takes login.gov or id.me')
  const ein = text(values, 'ein')?.replace('-', '')
  const persona = await suite.persona(text(values, 'persona') ?? 'maria')
  try {
    return await signInHeadless({ urls: suite.urls, persona, provider, channel, ...(ein ? { ein } : {}) })
  } catch (error) {
    if (error instanceof StuckAt) throw new CommandFailure(error.message)
    throw error
  }
}
