// Questions that a provider's app asks on a phone, and that the person answers there. What must always hold: a question is
// answered once, and never from its expiry on.
import type { ApprovalState } from '@gatehouse/contracts/lab'
import type { News } from '../news.ts'
import type { ApprovalStore } from './store.ts'

export type Decision = 'approve' | 'deny'

/** A question as the lab keeps it. Instants are milliseconds of the suite's clock. */
export interface Approval {
  id: string
  /** Grows with each question; a test goes on from it. */
  sequence: number
  /** E.164. */
  phoneNumber: string
  from: string
  question: string
  state: ApprovalState
  askedAt: number
  expiresAt: number
}

/** What is known when a question is asked. */
export type NewApproval = Pick<Approval, 'phoneNumber' | 'from' | 'question' | 'expiresAt'>

/** How an answer ended: `decided` and `expired` are for the one that came too late. */
export type Outcome =
  | { outcome: 'taken'; approval: Approval }
  | { outcome: 'decided' | 'expired' | 'unknown' }

export interface Approvals {
  /** Resolves once the question is stored. */
  ask(approval: NewApproval): Promise<Approval>
  find(id: string): Promise<Approval | undefined>
  /** The person's answer on the phone with this number. Of several at once, one is taken. */
  decide(id: string, phoneNumber: string, decision: Decision): Promise<Outcome>
}

export function createApprovals(store: ApprovalStore, news: News): Approvals {
  const announce = ({ id, phoneNumber, state }: Approval) =>
    news.announce({ id, channel: 'approval', to: phoneNumber, status: state })
  return {
    async ask(question) {
      const approval = await store.add(question)
      announce(approval)
      return approval
    },
    find: store.find,
    async decide(id, phoneNumber, decision) {
      const approval = await store.decide(id, phoneNumber, decision)
      if (approval) {
        announce(approval)
        return { outcome: 'taken', approval }
      }
      const found = await store.find(id)
      if (found?.phoneNumber !== phoneNumber) return { outcome: 'unknown' }
      return { outcome: found.state === 'expired' ? 'expired' : 'decided' }
    },
  }
}
