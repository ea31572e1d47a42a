import { openLetterBox } from '@gatehouse/testkit/letter-box'
import { type Command, CommandFailure, text } from '../command.ts'
import { table } from '../plain-words.ts'
import { findSuite, suiteHelp, suiteOptions } from '../running-suite.ts'

export const letters: Command = {
  summary: 'print the letters in a letter box, with the code in each',
  help: `npm run gatehouse -- letters [options]

Prints what lies in the letter box of a persona or of an employer at the lab, the newest last. Of several letters
of one kind only the newest has a code that works. Letters are mailed when they are needed: for somebody whose letter is on
its way, at the next sign-in.

  --persona ID    whose letter box (default maria)
  --ein EIN       that of this employer instead: activation codes go there
${suiteHelp}`,
  options: { persona: { type: 'string' }, ein: { type: 'string' }, ...suiteOptions },
  async run(values) {
    const suite = await findSuite(values)
    const ein = text(values, 'ein')?.replace('-', '')
    const { address } = ein
      ? await suite.company(ein)
      : await suite.persona(text(values, 'persona') ?? 'maria')
    const found = await readLetters(suite.urls, address)
    const json = found.map(({ printedOn, from, subject, code, pdf }) => {
      return { printedOn, from, subject, code, pdf: `${suite.urls.lab}${pdf}` }
    })
    const rows = json.map(({ printedOn, from, subject, code }) => [printedOn, from, subject, code])
    return {
      json: { letters: json },
      words:
        rows.length > 0
          ? table([['Printed', 'From', 'Subject', 'Code'], ...rows])
          : `There is no letter at ${address.street}.`,
    }
  },
}

async function readLetters(...[urls, address]: Parameters<typeof openLetterBox>) {
  try {
    return await (await openLetterBox(urls, address)).letters()
  } catch (error) {
    throw new CommandFailure(`The letter box cannot be read: ${(error as Error).message}`)
  }
}
