import type { Command } from '../command.ts'
import { personaHelp, personaOptions, signInPersona } from '../persona-sign-in.ts'
import { table } from '../plain-words.ts'
import { findSuite, suiteHelp, suiteOptions } from '../running-suite.ts'

const INSTANTS = ['iat', 'exp', 'nbf', 'auth_time']

export const signIn: Command = {
  summary: 'sign a persona in, through every page, and print the tokens',
  help: `npm run gatehouse -- sign-in [options]

Goes through the whole sign-in over HTTP, without a browser: provider, password, one-time code
(read from the lab), consent, Terms of Service, User ID. Prints the tokens and what they say. Somebody
without any User ID signs in without one, unless --ein asks for it.

${personaHelp}  --admin         for the interface of the administrators' console, with the lab's security key (default persona rosa)
${suiteHelp}`,
  options: { ...personaOptions, admin: { type: 'boolean' }, ...suiteOptions },
  async run(values) {
    const { tokens, claims } = await signInPersona(await findSuite(values), values, { needsUserId: false })
    const { access_token, id_token, expires_in } = tokens
    const rows = Object.entries(claims).map(([name, value]) => [name, words(name, value)])
    return {
      json: { access_token, id_token, expires_in, claims },
      words: `The access token says:\n${table(rows)}\n\nIt works for ${expires_in} seconds.\n\naccess_token ${access_token}\n\nid_token ${id_token}`,
    }
  },
}

function words(name: string, value: unknown): string {
  if (INSTANTS.includes(name)) return `${value}  (${new Date(Number(value) * 1000).toISOString()})`
  return typeof value === 'string' ? value : JSON.stringify(value)
}
