// The steps of a sign-in from the way back to the attestation: who came back from a provider, the terms. What each step
// has found out is kept under the interaction, so that a restart in between loses nothing.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import { bsoUserIds } from '@gatehouse/contracts/bso-user-ids'
import { CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { terms } from '@gatehouse/contracts/terms'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type Provider from 'oidc-provider'
import { Type } from 'typebox'
import type { Accounts } from '../accounts/accounts.ts'
import type { FederatedIdentity } from '../federation/identity.ts'
import { offeredFor } from '../federation/offered-providers.ts'
import { FederationDenied } from '../federation/relying-party.ts'
import type { Federation } from '../federation/routes.ts'
import { deviceOf } from '../people/devices.ts'
import type { SsnEndings } from '../people/ssn-endings.ts'
import type { Revocations } from '../revocations/revocations.ts'
import { exitInteraction, findInteraction, finishInteraction, redirectOrigins } from './interaction.ts'
import { termsPage } from './terms-page.ts'

/** Who has come back from a provider, until the terms are agreed to. */
interface Arrival {
  accountId: string
  idp: string
  subject: string
  acr: string | null
  amr: string[]
  username: string | null
  authenticatedAt: number
}

interface Dependencies {
  provider: () => Provider
  federation: Federation
  accounts: Accounts
  ssnEndings: SsnEndings
  calls: ServiceCalls
  keyValue: KeyValue
  audit: Audit
  revocations: Pick<Revocations, 'endOfSignIn' | 'note' | 'withoutEnded'>
}

const ARRIVAL_MILLISECONDS = 60 * 60 * 1000
const Uid = Type.Object({ uid: Type.String({ pattern: '^[\\w-]{1,64}$' }) })

const CONFLICTS = new Set(['account_conflict', 'credential_conflict'])

/** Links the person's BSO User IDs to the account, as far as the provider has proofed who the person is. */
async function associate(calls: ServiceCalls, accountId: string, identity: FederatedIdentity): Promise<void> {
  const { idp, subject, isProofed, givenName, familyName, birthdate, ssn } = identity
  if (!isProofed || !givenName || !familyName || !birthdate) return
  const person = {
    firstName: givenName,
    lastName: familyName,
    dateOfBirth: birthdate,
    ...(ssn ? { ssn } : {}),
  }
  await bsoUserIds(calls)
    .associate({ accountId, credential: { idp, subject }, person })
    .catch((error: unknown) => {
      // The provider now says that somebody else is behind a credential we know: nobody is signed in on that.
      if (error instanceof CallRefused && CONFLICTS.has(error.code)) throw new Refusal('person_conflict')
      throw error
    })
}

export function addSignInSteps(app: App, dependencies: Dependencies): void {
  const { federation, accounts, ssnEndings, calls, keyValue, audit, revocations } = dependencies
  const arrivalKey = (uid: string) => `arrival:${uid}`

  /** The account of whoever came back; the audit trail tells how a new credential got its account, and why not another. */
  async function recognize(identity: FederatedIdentity, requestId: string) {
    const recognized = await accounts.recognize(identity)
    const { accountId: actor } = recognized
    const record = (event: string, outcome: 'success' | 'refusal', more: Record<string, string> = {}) =>
      audit.record({ event, outcome, actor, details: { idp: identity.idp, ...more }, requestId })
    switch (recognized.outcome) {
      case 'contradicted':
        await record('credential.contradicted', 'refusal')
        throw new Refusal('person_conflict')
      case 'linked':
        await record('credential.linked', 'success', { by: recognized.by })
        break
      case 'created':
        await record('account.created', 'success')
        if (recognized.doubt) await record('credential.not-linked', 'refusal', { because: recognized.doubt })
    }
    return recognized
  }

  /** What a relying service offers may have changed since the person was sent away, and a choice can be forged. */
  async function refuseUnlessOffered(uid: string, idp: string, requestId: string): Promise<void> {
    const provider = dependencies.provider()
    const interaction = await provider.Interaction.find(uid)
    if (!interaction) throw new Refusal('sign_in_expired')
    const providers = await revocations.withoutEnded(federation.providers)
    const offered = await offeredFor(interaction.params, provider, providers)
    if (offered.some(({ id }) => id === idp)) return
    await audit.record({ event: 'federation.not-offered', outcome: 'refusal', details: { idp }, requestId })
    throw new Refusal('provider_not_offered')
  }

  /** @throws Refusal `access_ended` for as long as it is; `sign_in_expired` where the person may begin again */
  async function refuseUnlessOpen(arrival: Arrival, requestId: string): Promise<void> {
    const end = await revocations.endOfSignIn(arrival)
    if (!end) return
    await audit.record({
      event: 'sign-in.refused',
      outcome: 'refusal',
      actor: arrival.accountId,
      details: { idp: arrival.idp, because: 'access ended', lasting: end === 'lasting' },
      requestId,
    })
    throw new Refusal(end === 'lasting' ? 'access_ended' : 'sign_in_expired')
  }

  federation.addCallback(app, async (request, reply, uid, identity) => {
    if (identity instanceof FederationDenied) {
      await audit.record({ event: 'federation.denied', outcome: 'refusal', requestId: request.id })
      return reply.redirect(`/interaction/${uid}?notice=left`, 303)
    }
    await refuseUnlessOffered(uid, identity.idp, request.id)
    const { accountId } = await recognize(identity, request.id)
    const { idp, subject, acr = null, amr, username = null } = identity
    const authenticatedAt = await revocations.note(now())
    const arrival: Arrival = { accountId, idp, subject, acr, amr, username, authenticatedAt }
    await refuseUnlessOpen(arrival, request.id)
    await associate(calls, accountId, identity)
    // Not before: in a conflict the account keeps the name and address of the person that it belongs to.
    await accounts.describe(accountId, identity)
    await accounts.rememberPerson(identity)
    await ssnEndings.remember(identity)
    await keyValue.put(arrivalKey(uid), arrival, now() + ARRIVAL_MILLISECONDS)
    return reply.redirect(`/interaction/${uid}/terms`, 303)
  })

  async function arrivalOf(uid: string, requestId: string): Promise<Arrival> {
    const arrival = await keyValue.get<Arrival>(arrivalKey(uid))
    if (!arrival) throw new Refusal('sign_in_expired')
    await refuseUnlessOpen(arrival, requestId)
    return arrival
  }

  app.get('/interaction/:uid/terms', { schema: { hide: true, params: Uid } }, async (request, reply) => {
    const interaction = await findInteraction(dependencies.provider(), request, reply)
    const { uid } = interaction
    await arrivalOf(uid, request.id)
    const current = await terms(calls).current()
    const page = termsPage({ uid, csrf: reply.csrfToken(), terms: current, error: undefined })
    return reply.page(page, { formAction: redirectOrigins(interaction) })
  })

  app.post(
    '/interaction/:uid/terms',
    {
      schema: {
        hide: true,
        params: Uid,
        body: Type.Object(
          {
            version: Type.String({ maxLength: 32 }),
            textHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
            agree: Type.Optional(Type.String({ maxLength: 16 })),
            exit: Type.Optional(Type.Literal('yes')),
          },
          { additionalProperties: false },
        ),
      },
    },
    async (request, reply) => {
      const provider = dependencies.provider()
      const interaction = await findInteraction(provider, request, reply)
      const { uid } = interaction
      const arrival = await arrivalOf(uid, request.id)
      const { agree, exit, version, textHash } = request.body
      if (exit) {
        await audit.record({
          event: 'sign-in.left',
          outcome: 'refusal',
          actor: arrival.accountId,
          details: { at: 'terms' },
          requestId: request.id,
        })
        return exitInteraction(provider, request, reply)
      }
      const again = async (error: string) => {
        const page = termsPage({ uid, csrf: reply.csrfToken(), terms: await terms(calls).current(), error })
        return reply.page(page, { status: 422, formAction: redirectOrigins(interaction) })
      }
      if (!agree) return again('Select the checkbox to agree to the Terms of Service, or select Exit')
      const attestation = await terms(calls)
        .attest({ accountId: arrival.accountId, version, textHash })
        .catch((error: unknown) => {
          if (error instanceof CallRefused && error.code === 'terms_not_current') return undefined
          throw error
        })
      if (!attestation) return again('The terms have changed. Read them again before you agree')
      const signInId = await accounts.keepSignIn({
        ...arrival,
        attestationId: attestation.attestationId,
        device: deviceOf(request.headers['user-agent']),
      })
      await audit.record({
        event: 'sign-in.authenticated',
        outcome: 'success',
        actor: arrival.accountId,
        subject: signInId,
        details: { idp: arrival.idp },
        requestId: request.id,
      })
      return finishInteraction(provider, request, reply, {
        login: {
          accountId: arrival.accountId,
          amr: arrival.amr,
          ts: Math.floor(arrival.authenticatedAt / 1000),
          // The session lives as long as the browser is open, and never beyond its own end.
          remember: false,
          ...(arrival.acr ? { acr: arrival.acr } : {}),
        },
        signInId,
      })
    },
  )
}
