import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'
import type { LiveSession, Sessions } from '../sessions/sessions.ts'
import { sessionOf } from '../sessions/signed-in.ts'
import { hasCbsv, type Viewer } from '../site.ts'
import { type CellError, formPage } from './form-page.ts'
import { cbsvMenuPage, helpPage, misusePage, resultsPage } from './pages.ts'
import { COLUMNS, filledRows, VerificationForm } from './rows.ts'
import type { Answer, Verify, Violation } from './verifications.ts'

interface Dependencies {
  signedIn: preHandlerAsyncHookHandler
  sessions: Pick<Sessions, 'renew' | 'end'>
  verify: Verify
}

export function addCbsvRoutes(app: App, { signedIn, sessions, verify }: Dependencies): void {
  const page = { hide: true }
  // What really guards CBSV are the gateway and cbsv. This keeps people from filling in what will be refused.
  const mayUseCbsv: preHandlerAsyncHookHandler = async (request) => {
    if (!hasCbsv(sessionOf(request).person)) throw new Refusal('no_cbsv_access')
  }
  const preHandler = [signedIn, mayUseCbsv]

  app.get('/cbsv', { preHandler, schema: page }, async (request, reply) =>
    reply.page(cbsvMenuPage(viewerOf(request, reply))),
  )
  app.get('/cbsv/help', { preHandler, schema: page }, async (request, reply) =>
    reply.page(helpPage(viewerOf(request, reply))),
  )
  app.get('/cbsv/online-verification', { preHandler, schema: page }, async (request, reply) =>
    reply.page(formPage(viewerOf(request, reply))),
  )

  // The answer to the post is the results page itself: a page to redirect to would have to keep the results.
  app.post(
    '/cbsv/online-verification',
    { preHandler, schema: { ...page, body: VerificationForm } },
    async (request, reply) => {
      const entries = request.body
      const viewer = viewerOf(request, reply)
      const filled = filledRows(entries)
      if (filled.length === 0)
        return reply.page(formPage(viewer, { errors: [NOTHING_ENTERED] }), { status: 422 })

      const rows = filled.map(({ request }) => request)
      const answer = await ask(sessionOf(request), (accessToken) => verify(rows, accessToken, request.id))
      switch (answer.kind) {
        case 'results':
          return reply.page(resultsPage(viewer, answer.results))
        case 'misuse':
          return reply.page(misusePage(viewer), { status: 422 })
        case 'violations': {
          const errors = answer.violations.map((violation) => onPage(violation, filled))
          return reply.page(formPage(viewer, { entries, errors }), { status: 422 })
        }
        case 'no-access':
          throw new Refusal('no_cbsv_access')
        default:
          request.log.warn({ reason: answer.reason }, 'CBSV not available')
          reply.header('retry-after', '5')
          return reply.page(formPage(viewer, { entries, notice: NOT_AVAILABLE }), { status: 503 })
      }
    },
  )

  /** Asks with the person's token; one that was refused is renewed once, and if that does not help the session is over. */
  async function ask(session: LiveSession, question: (accessToken: string) => Promise<Answer>) {
    const answer = await question(session.tokens.accessToken)
    if (answer.kind !== 'token-refused') return answer
    const renewed = await sessions.renew(session)
    const second = await question(renewed.tokens.accessToken)
    if (second.kind !== 'token-refused') return second
    await sessions.end(session, 'access_token_refused')
    throw new Refusal('session_ended')
  }
}

const NOTHING_ENTERED: CellError = { field: 'ssn', row: 1, rule: 'Enter at least one name and SSN.' }

const NOT_AVAILABLE = {
  kind: 'error',
  heading: 'CBSV is not available right now',
  body:
    'There is no result. What you entered is still here: wait a moment and select Submit to try again. If this ' +
    'request did reach CBSV, sending it again counts as another one.',
} as const

/** From the rows as they were sent to the rows of the page, where blank ones may lie between. */
function onPage({ row, field, rule }: Violation, filled: { row: number }[]): CellError {
  const known = COLUMNS.find((column) => column.field === field)?.field ?? 'ssn'
  return { field: known, row: filled[row - 1]?.row ?? 1, rule }
}

function viewerOf(request: FastifyRequest, reply: FastifyReply): Viewer {
  return { person: sessionOf(request).person, csrf: reply.csrfToken() }
}
