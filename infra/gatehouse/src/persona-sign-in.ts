import type { ParseArgsOptionsConfig } from 'node:util'
import { StuckAt } from '@gatehouse/testkit/page'
import {
  administratorClient,
  commandLineClient,
  type SignedIn,
  signInHeadless,
} from '@gatehouse/testkit/sign-in'
import { CommandFailure, text, UsageError, type Values } from './command.ts'
import type { RunningSuite } from './running-suite.ts'

/** Who signs in, and how. */
export const personaOptions = {
  persona: { type: 'string' },
  provider: { type: 'string' },
  channel: { type: 'string' },
  'extra-security': { type: 'string' },
  ein: { type: 'string' },
} satisfies ParseArgsOptionsConfig

export const personaHelp = `  --persona ID    who signs in (default maria)
  --provider IDP  login.gov, id.me or my-ssa (default login.gov)
  --channel HOW   text or call: how the one-time code comes (default text; my-ssa has nothing else)
  --extra-security HOW
                  skip or enable: the answer where my-ssa asks about it (default skip); who has no letter yet
                  asks for one, and enables at the next sign-in
  --ein EIN       with the User ID for this employer; asks for one if there is none
`

/**
 * Signs the persona in through every page.
 *
 * @param options.needsUserId asks for a User ID also for somebody who has none, and so cannot choose one
 * @throws UsageError; CommandFailure naming the page at which the sign-in ended
 */
export async function signInPersona(
  suite: RunningSuite,
  values: Values,
  { needsUserId }: { needsUserId: boolean },
): Promise<SignedIn> {
  const provider = oneOf(values, 'provider', ['login.gov', 'id.me', 'my-ssa'])
  const channel = oneOf(values, 'channel', ['text', 'call'])
  if (provider === 'my-ssa' && channel === 'call') throw new UsageError('my-ssa sends its codes by text only')
  const extraSecurity = oneOf(values, 'extra-security', ['skip', 'enable'])
  const ein = text(values, 'ein')?.replace('-', '')
  const isAdmin = values.admin === true
  if (isAdmin && provider !== 'login.gov') throw new UsageError('--admin takes a security key, of login.gov')
  const persona = await suite.persona(text(values, 'persona') ?? (isAdmin ? 'rosa' : 'maria'))
  const hasUserId = ein !== undefined || persona.userIds.length > 0
  const scope = hasUserId || needsUserId ? commandLineClient.scope : 'openid profile'
  try {
    return await signInHeadless({
      urls: suite.urls,
      persona,
      provider,
      channel,
      extraSecurity,
      securityKey: isAdmin,
      client: isAdmin ? administratorClient : { ...commandLineClient, scope },
      ...(ein ? { ein } : {}),
    })
  } catch (error) {
    if (error instanceof StuckAt) throw new CommandFailure(error.message)
    throw error
  }
}

/** The value of an option that takes one of a few, the first unless given. @throws UsageError */
function oneOf<const Choice extends string>(
  values: Values,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const given = text(values, name) ?? choices[0]
  const found = choices.find((choice) => choice === given)
  if (found) return found
  const last = choices.at(-1)
  throw new UsageError(`--${name} takes ${choices.slice(0, -1).join(', ')} or ${last}`)
}
