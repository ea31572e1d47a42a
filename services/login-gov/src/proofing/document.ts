// The identity document of this mock: YAML in place of photographs, as in the sandbox (fact sheet 6.3). It says what the
// document shows, or that it cannot be read. Knows nothing of pages.

import { now } from '@gatehouse/clock/clock'
import type { Evidence } from '@gatehouse/provider/accounts/account'
import type { DocumentIdentity } from './progress.ts'

export type DocumentProblem =
  | { kind: 'blank' | 'too_long' | 'unreadable' }
  /** Lines that are missing, or not what they must be. */
  | { kind: 'lines'; lines: string[] }
  /** The check of the document failed; `said` is what the YAML wants the person to be told. */
  | { kind: 'refused'; said?: string }
  /** The YAML says that the photograph is of somebody else. */
  | { kind: 'face' }

export type DocumentReading = { identity: DocumentIdentity } | { problem: DocumentProblem }

const LONGEST = 20_000
const LONGEST_LINE = 200
const LONGEST_MESSAGE = 500

/** The lines of `document` that this mock reads, each with what it must be. */
const LINES = {
  first_name: isName,
  last_name: isName,
  dob: (text: string) => birthdate(text) !== undefined,
  address1: isName,
  city: isName,
  state: (text: string) => /^[A-Z]{2}$/i.test(text),
  zipcode: (text: string) => /^\d{5}(-?\d{4})?$/.test(text),
}
const OPTIONAL_LINES = { middle_name: isName, address2: isName }

/** @param facialMatch whether a failed comparison of faces counts */
export async function readDocument(text: string, facialMatch: boolean): Promise<DocumentReading> {
  if (text.trim() === '') return { problem: { kind: 'blank' } }
  if (text.length > LONGEST) return { problem: { kind: 'too_long' } }
  const content = await mapping(text)
  if (!content) return { problem: { kind: 'unreadable' } }
  const said = textOf(content, 'friendly_error')
  if (said) return { problem: { kind: 'refused', said: said.slice(0, LONGEST_MESSAGE) } }
  if (isFailed(content)) return { problem: { kind: 'refused' } }
  if (facialMatch && facesDiffer(content)) return { problem: { kind: 'face' } }
  return identityIn(mapOf(content, 'document') ?? {})
}

function identityIn(document: object): DocumentReading {
  const lines = [
    ...Object.entries(LINES).filter(([name, fits]) => !fits(textOf(document, name) ?? '')),
    ...Object.entries(OPTIONAL_LINES).filter(([name, fits]) => {
      const value = textOf(document, name)
      return value !== undefined && !fits(value)
    }),
  ].map(([name]) => name)
  if (lines.length > 0) return { problem: { kind: 'lines', lines } }
  const line = (name: keyof typeof LINES) => textOf(document, name) ?? ''
  const middleName = textOf(document, 'middle_name')
  const address2 = textOf(document, 'address2')
  return {
    identity: {
      givenName: line('first_name'),
      ...(middleName ? { middleName } : {}),
      familyName: line('last_name'),
      birthdate: birthdate(line('dob')) ?? '',
      address: {
        street: [line('address1'), ...(address2 ? [address2] : [])].join('\n'),
        locality: line('city'),
        region: line('state').toUpperCase(),
        postalCode: line('zipcode'),
      },
    },
  }
}

/** The YAML with which the page begins: what the person has to show, or the lines to fill in. */
export async function documentFor(evidence: Evidence | undefined): Promise<string> {
  const { stringify } = await import('yaml')
  const { givenName, middleName, familyName, birthdate: dob, address } = evidence?.identity ?? {}
  const [address1 = '', address2] = (address?.street ?? '').split('\n')
  const document = {
    first_name: givenName ?? '',
    ...(middleName ? { middle_name: middleName } : {}),
    last_name: familyName ?? '',
    dob: dob ?? '',
    address1,
    ...(address2 ? { address2 } : {}),
    city: address?.locality ?? '',
    state: address?.region ?? '',
    zipcode: address?.postalCode ?? '',
  }
  return stringify({ document })
}

async function mapping(text: string): Promise<object | undefined> {
  // Loaded when the first document comes.
  const { parse } = await import('yaml')
  try {
    // Scalars stay texts: a ZIP code is no number. References could make a short text enormous.
    const content: unknown = parse(text, { schema: 'failsafe', maxAliasCount: 0, logLevel: 'error' })
    return isMap(content) ? content : undefined
  } catch {
    return undefined
  }
}

function isFailed(content: object): boolean {
  const result = textOf(content, 'doc_auth_result')
  if (textOf(content, 'transaction_status')?.toLowerCase() === 'failed') return true
  if (result !== undefined) return result !== 'Passed'
  const alerts = own(content, 'failed_alerts')
  return Array.isArray(alerts) && alerts.length > 0
}

/** Both spellings of the sandbox's files. */
function facesDiffer(content: object): boolean {
  const results = mapOf(content, 'portrait_match_results')
  const result = results && (textOf(results, 'FaceMatchResult') ?? textOf(results, 'face_match_result'))
  return result !== undefined && result !== 'Pass'
}

/** MM/DD/YYYY as in the sandbox, or YYYY-MM-DD; a day of the past that exists. */
function birthdate(text: string): string | undefined {
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text)
  const [year = '', month = '', day = ''] = american
    ? [american[3], american[1], american[2]]
    : (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.slice(1) ?? [])
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const instant = Date.parse(`${date}T00:00:00Z`)
  const exists = Number.isFinite(instant) && new Date(instant).toISOString().startsWith(date)
  return exists && Number(year) >= 1900 && instant < now() ? date : undefined
}

function isName(text: string): boolean {
  return text !== '' && text.length <= LONGEST_LINE && !/[\p{Cc}\p{Cs}]/u.test(text)
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(of: object, name: string): unknown {
  return Object.hasOwn(of, name) ? (of as Record<string, unknown>)[name] : undefined
}

function mapOf(of: object, name: string): object | undefined {
  const value = own(of, name)
  return isMap(value) ? value : undefined
}

/** A text that says something. */
function textOf(of: object, name: string): string | undefined {
  const value = own(of, name)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}
