import { isAbsolute, join, relative } from 'node:path'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import type { Suite } from './suite.ts'

/** How many personas are shown; the others are in the file. */
const SHOWN = 2

/** What whoever started the suite has to know, in plain words. */
export function welcome(suite: Suite, options: { realTwilio: boolean }): string {
  const { urls, personas } = suite
  const folder = shortest(suite.dataDirectory)
  const people = personas
    .slice(0, SHOWN)
    .map(
      ({ firstName, lastName, about, email, mySsa, password, phoneNumber }) =>
        `  ${firstName} ${lastName}: ${about}\n` +
        `    e-mail    ${email}\n` +
        (mySsa ? `    username  ${mySsa.username} (my Social Security)\n` : '') +
        `    password  ${password}\n    phone     ${phoneNumber}\n`,
    )
  return `
Gatehouse is running. It is a test system, not a government website.

  Start at  ${urls.bso}  (Business Services Online, Sign in)
  ${options.realTwilio ? 'Texts and calls go out through Twilio itself.' : `Texts and calls arrive at  ${urls.lab}`}

Sign in as
${people.join('')}
  Administrators of  ${urls.admin}  are Vera, Rosa and Amir, with the lab's security key
  Everybody's passwords: ${join(folder, 'personas.json')}

Services
${SERVICE_NAMES.map((name) => `  ${name.padEnd(16)}${urls[name]}`).join('\n')}

  Log         ${join(folder, 'gatehouse.log')}
  Start over  npm start -- --reset
  Stop        Ctrl-C
`
}

/** Relative where it lies below the present folder. */
function shortest(path: string): string {
  const below = relative('', path)
  return below.startsWith('..') || isAbsolute(below) ? path : below || '.'
}

/** The one line for scripts. */
export function readyLine({ urls, personas, dataDirectory }: Suite): string {
  return JSON.stringify({
    ready: true,
    urls,
    personas: personas.map(({ id, email, mySsa, password, phoneNumber }) => ({
      id,
      email,
      ...(mySsa ? { username: mySsa.username } : {}),
      password,
      phoneNumber,
    })),
    dataDirectory,
    pid: process.pid,
  })
}
