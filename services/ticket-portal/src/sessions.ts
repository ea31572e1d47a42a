import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { BackChannelLogout } from '@gatehouse/relying-party/back-channel-logout'
import type { SignInOrigin } from '@gatehouse/relying-party/relying-party'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Enrolments } from './enrolments/enrolments.ts'
import type { Person } from './person.ts'

/**
 * Milliseconds. One hour in all is no longer than one may be idle at AAL2 (NIST SP 800-63B-4 §2.2.3), so nothing has to be
 * written down while a session is in use, and whoever signs in anew has little to do: sign-in knows them still.
 */
const LIFETIME = 60 * 60 * 1000

interface Dependencies {
  keyValue: KeyValue
  secrets: Secrets
  enrolments: Pick<Enrolments, 'admit'>
  hasEnded: BackChannelLogout['hasEnded']
  audit: Audit
}

interface Session {
  person: Person
  /** The sign-in that it came of. */
  origin: SignInOrigin
}

export function createSessions({ keyValue, secrets, enrolments, hasEnded, audit }: Dependencies) {
  // A digest, so that the table lets nobody in.
  const keyOf = (id: string) => `session:${secrets.digest('session', id)}`

  async function take(id: string | undefined): Promise<Person | undefined> {
    return open(id && (await keyValue.take<string>(keyOf(id))))?.person
  }
  function open(sealed: string | undefined): Partial<Session> | undefined {
    return sealed ? JSON.parse(secrets.unseal('session', sealed)) : undefined
  }

  const sessions = {
    /** Starts one under a new id in place of the one before. The first with extra security binds an enrolment. */
    async start(
      id: string,
      person: Person,
      _tokens: unknown,
      previousId: string | undefined,
      origin: SignInOrigin,
    ): Promise<void> {
      await take(previousId)
      const { subject, username, hasExtraSecurity } = person
      const admission = hasExtraSecurity ? await enrolments.admit(username, subject) : undefined
      if (admission?.kind === 'bound' || admission?.kind === 'another-subject') {
        const [event, outcome] =
          admission.kind === 'bound'
            ? (['enrolment.bound', 'success'] as const)
            : (['enrolment.refused', 'refusal'] as const)
        await audit.record({ event, outcome, actor: subject, subject: admission.id })
      }
      const session: Session = { person, origin }
      await keyValue.put(keyOf(id), secrets.seal('session', JSON.stringify(session)), now() + LIFETIME)
      await audit.record({
        event: 'session.started',
        outcome: 'success',
        actor: subject,
        details: { hasExtraSecurity },
      })
    },
    /** Who has this session. */
    async find(id: string | undefined): Promise<Person | undefined> {
      const session = open(id && (await keyValue.get<string>(keyOf(id))))
      if (!session || !(await hasEnded(session.origin))) return session?.person
      await sessions.end(id, 'ended_at_sign_in')
      return undefined
    },
    /** @param reason for the audit trail */
    async end(id: string | undefined, reason: string): Promise<void> {
      const person = await take(id)
      if (!person) return
      await audit.record({
        event: 'session.ended',
        outcome: 'success',
        actor: person.subject,
        details: { reason },
      })
    },
  }
  return sessions
}
