import { text as readText } from 'node:stream/consumers'
import type { VerificationResult, VerificationRow } from '@gatehouse/contracts/cbsv'
import type { Problem } from '@gatehouse/contracts/problem'
import { documentedRequests } from '@gatehouse/numident/documented'
import { type Command, CommandFailure, requiredText, text, type Values } from '../command.ts'
import { personaHelp, personaOptions, signInPersona } from '../persona-sign-in.ts'
import { table } from '../plain-words.ts'
import { findSuite, suiteHelp, suiteOptions } from '../running-suite.ts'

const rowOptions = {
  ssn: { type: 'string' },
  first: { type: 'string' },
  middle: { type: 'string' },
  last: { type: 'string' },
  suffix: { type: 'string' },
  dob: { type: 'string' },
  gender: { type: 'string' },
} as const

export const verify: Command = {
  summary: 'verify a name and SSN at CBSV, through the gateway',
  help: `npm run gatehouse -- verify --ssn N --first NAME --last NAME [options]
npm run gatehouse -- verify [options]

Signs a persona in and asks CBSV, through the gateway, whether name and SSN match. Without a name and
SSN it asks about three documented number holders, one of each result.

  --ssn N         nine digits, no hyphens; - reads them from standard input
  --first NAME    --middle NAME    --last NAME    --suffix SUFFIX
  --dob MMDDYYYY  --gender M, F or U
${personaHelp}${suiteHelp}`,
  options: { ...rowOptions, ...personaOptions, ...suiteOptions },
  async run(values) {
    const requests = await requestsOf(values)
    const suite = await findSuite(values)
    const { tokens } = await signInPersona(suite, values, { needsUserId: true })
    const results = await verifyThrough(suite.urls.gateway, tokens.access_token, requests)
    const rows = results.map((result) => [
      result.ssn,
      [result.firstName, result.middleName, result.lastName, result.suffix].filter(Boolean).join(' '),
      result.dateOfBirth,
      result.gender,
      result.result,
    ])
    return {
      json: { results },
      words: table([['SSN', 'Name', 'Date of birth', 'Gender', 'Result'], ...rows]),
    }
  },
}

/** @throws UsageError when a name is given without an SSN, or the other way round */
async function requestsOf(values: Values): Promise<VerificationRow[]> {
  const isGiven = Object.keys(rowOptions).some((name) => values[name] !== undefined)
  if (!isGiven) return documentedRequests.map(({ request }) => request)
  const ssn = requiredText(values, 'ssn')
  const row = { firstName: requiredText(values, 'first'), lastName: requiredText(values, 'last') }
  const optional = { middleName: 'middle', suffix: 'suffix', dateOfBirth: 'dob', gender: 'gender' }
  const more = Object.entries(optional).flatMap(([field, option]) => {
    const value = text(values, option)
    return value === undefined ? [] : [[field, value]]
  })
  return [
    { ssn: ssn === '-' ? (await readText(process.stdin)).trim() : ssn, ...row, ...Object.fromEntries(more) },
  ]
}

async function verifyThrough(
  gateway: string,
  token: string,
  requests: VerificationRow[],
): Promise<VerificationResult[]> {
  const response = await fetch(`${gateway}/cbsv/verifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ requests }),
  })
  if (response.ok) return ((await response.json()) as { results: VerificationResult[] }).results
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>
  const rules = problem.errors?.map(({ field, rule }) => `\n  ${field}: ${rule}`) ?? []
  throw new CommandFailure(`${problem.title ?? `The gateway answered ${response.status}`}${rules.join('')}`)
}
