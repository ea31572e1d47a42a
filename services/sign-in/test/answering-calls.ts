import type { UserId } from '@gatehouse/contracts/bso-user-ids'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { ServiceName } from '@gatehouse/contracts/services'

const TERMS = {
  version: '2026-01',
  textHash: 'a'.repeat(64),
  introduction: [
    'Read these terms before you go on. They apply to everyone who uses Business Services Online.',
  ],
  conditions: [
    { text: 'You access a United States Government system.' },
    { text: 'Social Security may:', details: ['monitor and record what you do', 'stop your access'] },
  ],
  agreement: 'I agree to the Terms of Service.',
}

export const MARIA = 'MARIA7K2:960001012'
/** Her other User ID, for which CBSV is not active. */
export const MARIA_WITHOUT_CBSV = 'MARIA9Z9:960002037'

const userIds = (): UserId[] => [
  { bsoUserId: 'MARIA7K2', ein: '960001012', companyName: 'Example Payroll Company', services: ['CBSV'] },
  { bsoUserId: 'MARIA9Z9', ein: '960002037', companyName: 'Example Mortgage Company', services: [] },
]

/** Answers as `terms` and `bso-user-ids` do, and remembers what was asked. */
export function answeringCalls() {
  const made: { service: string; path: string; body: unknown }[] = []
  const state = { terms: TERMS, userIds: userIds(), down: [] as ServiceName[], conflict: false }

  const calls: ServiceCalls = {
    async call(callee, { path, body, method }) {
      made.push({ service: callee, path, body })
      if (state.down.includes(callee)) throw new CallFailed(callee, 'no answer')
      const refuse = (code: string, status: number) =>
        new CallRefused(callee, { type: 'about:blank', title: code, status, code })
      if (path === '/terms/current') return state.terms as never
      if (path === '/attestations') {
        const given = body as { version: string; textHash: string }
        if (given.version !== state.terms.version || given.textHash !== state.terms.textHash) {
          throw refuse('terms_not_current', 409)
        }
        return { ...given, attestationId: 'attestation-1', attestedAt: 1 } as never
      }
      if (path === '/associations' && state.conflict) throw refuse('account_conflict', 409)
      if (path === '/associations') return { userIds: state.userIds } as never
      if (path.endsWith('/user-ids') && method === 'GET') return { userIds: state.userIds } as never
      if (path.endsWith('/user-ids')) {
        const { ein } = body as { ein: string }
        if (state.userIds.some((one) => one.ein === ein)) throw refuse('user_id_exists', 409)
        if (ein === '960004068') throw refuse('company_disabled', 409)
        if (ein !== '960003055') throw refuse('company_unknown', 422)
        const issued = { bsoUserId: 'NEWUSER2', ein, companyName: 'Example Staffing Company', services: [] }
        state.userIds = [...state.userIds, issued]
        return issued as never
      }
      if (path.endsWith('/selections')) {
        const { bsoUserId, ein } = body as { bsoUserId: string; ein: string }
        const chosen = state.userIds.find((one) => one.bsoUserId === bsoUserId && one.ein === ein)
        if (!chosen) throw refuse('user_id_not_linked', 404)
        return chosen as never
      }
      throw new Error(`no answer for ${path}`)
    },
  }
  return {
    calls,
    made,
    state,
    attestations: () => made.filter(({ path }) => path === '/attestations').length,
    /** Back to what every test begins with. */
    heal: () => Object.assign(state, { terms: TERMS, userIds: userIds(), down: [], conflict: false }),
  }
}
