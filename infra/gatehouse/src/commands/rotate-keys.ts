import { type Command, CommandFailure } from '../command.ts'
import { findSuite, suiteHelp, suiteOptions } from '../running-suite.ts'

export const rotateKeys: Command = {
  summary: 'put the next signing keys in force',
  help: `npm run gatehouse -- rotate-keys [options]

The next signing keys become the current ones. What the keys before signed stays good until it expires.

${suiteHelp}`,
  options: suiteOptions,
  async run(values) {
    const suite = await findSuite(values)
    const response = await fetch(`${suite.urls['sign-in']}/signing-keys/rotations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await suite.operatorToken()}` },
    })
    if (!response.ok)
      throw new CommandFailure(`The keys were not rotated: sign-in answered ${response.status}`)
    const answer = (await response.json()) as { current: string[] }
    return {
      json: answer,
      words: `Current signing keys:\n${answer.current.map((kid) => `  ${kid}`).join('\n')}`,
    }
  },
}
