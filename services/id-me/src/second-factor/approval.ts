import { CallRefused } from '@gatehouse/contracts/calls'
import type { ApprovalState, Approvals } from '@gatehouse/contracts/lab'

/** What became of a question; one that the lab knows no more, after newer ones, has expired. */
export async function stateOf(approvals: Approvals, approvalId: string): Promise<ApprovalState> {
  try {
    return (await approvals.find(approvalId)).state
  } catch (error) {
    if (error instanceof CallRefused && error.code === 'not_found') return 'expired'
    throw error
  }
}
