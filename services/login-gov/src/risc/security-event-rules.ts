// What a security event token from a relying service must be like (fact sheet 7.2). All rules are looked at, and all that
// are broken are told; where the fact sheet has no words for one they are our own.

import type { KeyObject } from 'node:crypto'
import { base64url, compactVerify } from 'jose'
import type { Client, Clients } from '../clients/client.ts'
import type { Subjects } from '../openid-connect/subjects.ts'
import { INCOMING_TYPES } from './event-types.ts'
import type { ReceivedEvent, ReceivedEvents } from './received-events.ts'

export type ErrorCode = 'dup' | 'jws' | 'jwtAud' | 'jwtCrypto' | 'jwtHdr' | 'jwtParse' | 'setData' | 'setType'

export type CheckedEvent =
  | { isValid: true; event: Omit<ReceivedEvent, 'receivedAt'> }
  | { isValid: false; err: ErrorCode; description: string }

export interface SecurityEventRules {
  check(token: string): Promise<CheckedEvent>
}

export interface SecurityEventRuleParts {
  /** Our own address for them, which they must name as their audience. */
  url: string
  clients: Clients
  subjects: Subjects
  received: ReceivedEvents
}

type Members = Record<string, unknown>

/** Milliseconds fit for 285,000 years; seconds beyond are no instant. */
const LATEST_SECOND = 8.64e12
const LONGEST_ID = 255
export const DUPLICATE = 'Jti was used before for this person'

export function createSecurityEventRules(parts: SecurityEventRuleParts): SecurityEventRules {
  const { url, clients, subjects, received } = parts

  async function accountOf(client: Client | undefined, sub: unknown): Promise<string | undefined> {
    const isUuid = typeof sub === 'string' && /^[\da-f-]{36}$/.test(sub)
    return client && isUuid ? subjects.find(sub, client.agencyId) : undefined
  }

  return {
    async check(token) {
      const parsed = parse(token)
      const { header = {}, claims = {} } = parsed ?? {}
      const problems: { text: string; code?: ErrorCode }[] = []
      const report = (text: string, code?: ErrorCode) => problems.push({ text, ...(code ? { code } : {}) })

      const client = typeof claims.iss === 'string' ? clients.find(claims.iss) : undefined
      if (!client) report('Iss is not a registered client_id')
      if (parsed && claims.aud !== url) report(`Aud must be ${url}`, 'jwtAud')

      const { type, event } = reportedEvent(claims.events)
      if (type === undefined) report('Event type is missing')
      else if (!INCOMING_TYPES.includes(type)) report('Event type is not supported', 'setType')
      const subject = members(event.subject)
      if (subject.subject_type !== 'iss-sub') report('Subject type must be iss-sub')
      if (isGiven(claims.sub)) report('Sub must not stand outside of the event')
      const accountId = await accountOf(client, subject.sub)
      if (!accountId) report('Sub is nobody known to this client')
      const { occurred_at: occurredAt } = event
      const isInstant = typeof occurredAt === 'number' && Math.abs(occurredAt) <= LATEST_SECOND
      if (isGiven(occurredAt) && !isInstant) report('Occurred at must be a Unix timestamp')

      if (parsed && header.typ !== 'secevent+jwt') report('Typ must be secevent+jwt', 'jwtHdr')
      if (isGiven(claims.exp)) report('Exp must not be there')
      const jti = isIdentifier(claims.jti) ? claims.jti : undefined
      if (!jti) report('Jti must be there, with 1 to 255 printable characters')
      else if (client && accountId && (await received.has({ jti, clientId: client.clientId, accountId }))) {
        report(DUPLICATE, 'dup')
      }
      if (!parsed) report('Jwt cannot be parsed', 'jwtParse')
      else {
        const problem = await signatureProblem(token, header, client?.publicKeys ?? [])
        if (problem) report(problem.text, problem.code)
      }

      if (problems.length > 0 || !client || !accountId || !jti || type === undefined) {
        // Several rules broken: the code is that of the last one that has a code of its own.
        const err = problems.findLast(({ code }) => code)?.code ?? 'setData'
        return { isValid: false, err, description: problems.map(({ text }) => text).join(', ') }
      }
      return {
        isValid: true,
        event: {
          jti,
          clientId: client.clientId,
          accountId,
          eventType: type,
          occurredAt: isInstant ? Math.round(occurredAt * 1000) : undefined,
        },
      }
    },
  }
}

async function signatureProblem(
  token: string,
  header: Members,
  keys: KeyObject[],
): Promise<{ text: string; code: ErrorCode } | undefined> {
  if (keys.length === 0) return { text: 'Jwt comes from a client without a public key', code: 'jws' }
  if (header.alg !== 'RS256') return { text: 'Jwt must be signed with RS256', code: 'jwtCrypto' }
  for (const key of keys) {
    const isSigned = await compactVerify(token, key, { algorithms: ['RS256'] }).then(
      () => true,
      () => false,
    )
    if (isSigned) return undefined
  }
  return { text: 'Jwt has a signature of no registered public key', code: 'jws' }
}

/** The event that is supported, else the first one. */
function reportedEvent(events: unknown): { type: string | undefined; event: Members } {
  const given = members(events)
  const names = Object.keys(given)
  const type = names.find((name) => INCOMING_TYPES.includes(name)) ?? names[0]
  return { type, event: members(type === undefined ? undefined : given[type]) }
}

function parse(token: string): { header: Members; claims: Members } | undefined {
  const segments = token.split('.', 4)
  if (segments.length !== 3) return undefined
  try {
    const [header, claims] = segments
      .slice(0, 2)
      .map((segment) => JSON.parse(new TextDecoder().decode(base64url.decode(segment))))
    return isObject(header) && isObject(claims) ? { header, claims } : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function members(value: unknown): Members {
  return isObject(value) ? value : {}
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function isIdentifier(value: unknown): value is string {
  // Unprintable: among them the zero byte, which not every database keeps.
  return (
    typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_ID && /^\P{C}+$/u.test(value)
  )
}
