// What follows here from what an identity provider tells of an account there: it ends what came of that credential, and no
// more. What an administrator ended stays ended, whatever the provider says.

import { createHash } from 'node:crypto'
import type { Audit } from '@gatehouse/audit/audit'
import type { RevocationTarget } from '@gatehouse/contracts/revocations'
import { Refusal } from '@gatehouse/http/refusal'
import type { Kysely } from 'kysely'
import type { AccountTables } from '../accounts/tables.ts'
import type { Revocations } from '../revocations/revocations.ts'
import { DISABLED, ENABLED, orderedByProvider, PURGED, SIGNED_OUT } from './provider-orders.ts'
import type { ReceivedEvent, ReceivedEvents } from './received-events.ts'

const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
const LOGIN_GOV = 'https://schemas.login.gov/secevent/risc/event-type/'

const ACCOUNT_PURGED = `${RISC}account-purged`
const ACCOUNT_DISABLED = `${RISC}account-disabled`
const ACCOUNT_ENABLED = `${RISC}account-enabled`

/** After these whoever is signed in may not be whom the account belongs to: they sign in again. */
const CALL_FOR_SIGNING_IN: readonly string[] = [
  `${RISC}recovery-activated`,
  `${RISC}account-credential-change-required`,
  `${RISC}credential-compromise`,
  `${RISC}sessions-revoked`,
  `${CAEP}session-revoked`,
  `${LOGIN_GOV}password-reset`,
  `${LOGIN_GOV}mfa-limit-account-locked`,
]

interface Parts {
  database: Kysely<AccountTables>
  received: ReceivedEvents
  revocations: Pick<Revocations, 'revoke' | 'reinstate'>
  audit: Audit
}

/** @returns what acts upon an event: the revocation that came of it, if any. Doing it again changes nothing. */
export function createProviderEvents({ database, received, revocations, audit }: Parts) {
  async function accountOf(idp: string, subject: string): Promise<string | undefined> {
    const row = await database
      .selectFrom('credentials')
      .select('accountId')
      .where('idp', '=', idp)
      .where('subject', '=', subject)
      .executeTakeFirst()
    return row?.accountId
  }

  async function revoke(
    event: ReceivedEvent,
    target: RevocationTarget,
    reason: string,
    lasting: boolean,
  ): Promise<string> {
    const { idp, jti, eventType } = event
    const reference = createHash('sha256')
      .update(`${idp} ${jti} ${eventType} ${target.kind}`)
      .digest('base64url')
    const { revocationId } = await revocations.revoke({
      target,
      reason,
      by: orderedByProvider(idp),
      lasting,
      reference: `set-${reference}`,
    })
    return revocationId
  }

  const credentialOf = ({ idp, subject }: ReceivedEvent): RevocationTarget => ({
    kind: 'credential',
    value: `${idp}:${subject}`,
  })

  /** Whether the person has no other way in than accounts that their providers have deleted. */
  async function isLastOf(accountId: string): Promise<boolean> {
    const credentials = await database
      .selectFrom('credentials')
      .select(['idp', 'subject'])
      .where('accountId', '=', accountId)
      .execute()
    const purges = await Promise.all(
      credentials.map(({ idp, subject }) => received.about(idp, subject, ACCOUNT_PURGED)),
    )
    return purges.every((rows) => rows.length > 0)
  }

  /**
   * The account itself is ended once, and not for longer: who deletes an account at a provider may make another one there
   * and be known here again.
   */
  async function purge(event: ReceivedEvent, accountId: string): Promise<string> {
    const revocationId = await revoke(event, credentialOf(event), PURGED, true)
    if (await isLastOf(accountId)) await revoke(event, { kind: 'account', value: accountId }, PURGED, false)
    return revocationId
  }

  /** One that was overtaken by the news that the account is enabled again does not last. */
  async function disable(event: ReceivedEvent): Promise<string> {
    const enabled = await received.about(event.idp, event.subject ?? '', ACCOUNT_ENABLED)
    const isOvertaken = enabled.some(({ issuedAt }) => issuedAt > event.issuedAt)
    return isOvertaken
      ? revoke(event, credentialOf(event), SIGNED_OUT, false)
      : revoke(event, credentialOf(event), DISABLED, true)
  }

  async function enable({ idp, subject, issuedAt }: ReceivedEvent): Promise<void> {
    for (const disabled of await received.about(idp, subject ?? '', ACCOUNT_DISABLED)) {
      if (disabled.revocationId === null || disabled.issuedAt > issuedAt) continue
      await revocations
        .reinstate(disabled.revocationId, { by: orderedByProvider(idp), reason: ENABLED })
        .catch((error: unknown) => {
          // It was reinstated before, or never was to last.
          if (!(error instanceof Refusal)) throw error
        })
    }
  }

  async function follow(event: ReceivedEvent, accountId: string): Promise<string | undefined> {
    const { eventType } = event
    if (eventType === ACCOUNT_PURGED) return purge(event, accountId)
    if (eventType === ACCOUNT_DISABLED) return disable(event)
    if (eventType === ACCOUNT_ENABLED) await enable(event)
    return CALL_FOR_SIGNING_IN.includes(eventType)
      ? revoke(event, credentialOf(event), SIGNED_OUT, false)
      : undefined
  }

  return async function act(event: ReceivedEvent): Promise<string | undefined> {
    const { idp, subject, eventType } = event
    const accountId = subject === null ? undefined : await accountOf(idp, subject)
    const revocationId = accountId === undefined ? undefined : await follow(event, accountId)
    await audit.record({
      event: 'provider-event.received',
      outcome: 'success',
      actor: idp,
      // An account that never came here is nothing to us.
      ...(accountId === undefined ? {} : { subject: `credential ${idp}:${subject}` }),
      details: {
        type: shortNameOf(eventType),
        ...(revocationId === undefined ? {} : { revocationId }),
      },
    })
    return revocationId
  }
}

/** The last part of the URI, as far as it is a name: it came from outside. */
function shortNameOf(eventType: string): string {
  return /\/([a-z-]{1,60})$/.exec(eventType)?.[1] ?? 'unnamed'
}
