// The upgrade code of the letter, which turns extra security on.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ceremonyOf } from '../browser/ceremony.ts'
import { PATHS } from '../paths.ts'
import { hasGivenText, METHODS, noteRefused } from '../security-code/completion.ts'
import { NumberText } from '../security-code/number-field.ts'
import type { CodeProblem } from '../security-code/texts.ts'
import { type EnrolmentSteps, signedIn, to } from './enrolment.ts'
import { congratulationsPage, type NumberAgain, upgradePage } from './enrolment-pages.ts'
import { problemOf } from './letters.ts'
import { maskedPhone, readCellPhone } from './phone-numbers.ts'
import type { Enrolment } from './store.ts'

const UpgradeForm = Type.Object(
  { code: Type.Optional(Type.String({ maxLength: 1024 })), number: NumberText },
  { additionalProperties: false },
)

/** Whether the phone was confirmed in this very sign-in. */
function isOwn(request: FastifyRequest, { id }: Enrolment): boolean {
  return ceremonyOf(request.visit.session).enrolmentId === id
}

/**
 * Whoever knows the password may have confirmed a phone: its owner's letter must not bind it unseen, so the number is typed
 * again.
 */
function numberAgain({ phone }: Enrolment, number: string): NumberAgain | undefined {
  const read = readCellPhone(number)
  if ('problem' in read) return { number, problem: 'malformed' }
  return read.number === phone ? undefined : { number, problem: 'another' }
}

export function addUpgrade(app: App, steps: EnrolmentSteps): void {
  const { visits, frame, extraSecurity, completion, changes, audit, guarded, personOf, progress } = steps

  /** The enrolment in which an upgrade code may be tried; else sent to the step that is lacking. */
  async function confirmed(request: FastifyRequest, reply: FastifyReply) {
    const now = await progress(request)
    if (now?.enrolment) return { letter: now.letter, enrolment: now.enrolment }
    const lacking = now?.waiting ? PATHS.confirmPhone : PATHS.addPhone
    to(request, reply, now ? lacking : PATHS.enable)
    return undefined
  }

  async function showUpgrade(
    request: FastifyRequest,
    reply: FastifyReply,
    given: NonNullable<Awaited<ReturnType<typeof confirmed>>>,
    problem?: CodeProblem,
    again?: NumberAgain,
  ) {
    const { letter, enrolment } = given
    const isResumed = !isOwn(request, enrolment)
    const phone = maskedPhone(enrolment.phone)
    const page = upgradePage(frame.around(request, reply), { letter, phone, isResumed, problem, again })
    return frame.show(request, reply, page)
  }

  app.get(PATHS.upgradeCode, guarded, async (request, reply) => {
    const given = await confirmed(request, reply)
    return given ? showUpgrade(request, reply, given) : reply
  })

  app.post(PATHS.upgradeCode, { ...guarded, schema: { body: UpgradeForm } }, async (request, reply) => {
    const given = await confirmed(request, reply)
    if (!given) return reply
    const { code = '', number = '' } = request.body
    const again = isOwn(request, given.enrolment) ? undefined : numberAgain(given.enrolment, number)
    const isBlank = code.trim() === ''
    if (again || isBlank) {
      return showUpgrade(request, reply, given, isBlank ? { kind: 'blank' } : undefined, again)
    }
    const tried = await extraSecurity.enable(given.enrolment, code)
    if (tried.outcome === 'locked' || tried.outcome === 'refused') {
      await noteRefused(audit, request, 'upgrade-code.refused')
      // Enabled meanwhile in another browser, or taken back: the guard sends on.
      if ((await extraSecurity.stateOf(personOf(request))) !== 'requested') {
        return to(request, reply, PATHS.enable)
      }
      return showUpgrade(request, reply, given, problemOf(tried))
    }
    if (tried.outcome === 'gone') return to(request, reply, PATHS.enable)
    await changes.tell(request, personOf(request), 'extra-security.added')
    // Only where the text was given in this very sign-in does it count as one with extra security.
    const wasOwn = isOwn(request, given.enrolment)
    if (wasOwn && !(await completion.signIn(request, reply, personOf(request), METHODS.text))) {
      return to(request, reply, `${PATHS.signIn}?timeout=session`)
    }
    if (!wasOwn) await visits.keep(request, reply, { detour: null, challenge: null, ceremony: null })
    return to(request, reply, PATHS.enabled)
  })

  app.get(PATHS.enabled, { onRequest: signedIn(visits) }, async (request, reply) => {
    const isOn = (await extraSecurity.stateOf(personOf(request))) === 'on'
    if (!isOn) return to(request, reply, PATHS.enable)
    const { session } = request.visit
    if (session?.detour === PATHS.enable) await visits.keep(request, reply, { detour: null })
    const next = hasGivenText(session) ? completion.continueAt(request) : PATHS.securityCode
    return frame.show(request, reply, congratulationsPage(frame.around(request, reply), next))
  })
}
