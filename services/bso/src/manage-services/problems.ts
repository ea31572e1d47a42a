// What to say when a request or a code is refused, by the code of the refusal.

import { CallFailed, CallRefused } from '@gatehouse/contracts/calls'
import { Refusal } from '@gatehouse/http/refusal'
import type { AlertOptions } from '@gatehouse/pages/forms'
import { timeOf } from './dates.ts'

/** A page that is shown again with a notice. */
export interface Again {
  status: number
  notice: AlertOptions
}

/** The code of a refusal by bso-user-ids, `unavailable` when it or the mail is away. Other errors are thrown on. */
export function reasonOf(error: unknown): string {
  if (error instanceof CallFailed) return 'unavailable'
  if (!(error instanceof CallRefused)) throw error
  // The User ID was taken away after the sign-in.
  if (error.code === 'user_id_unknown') throw new Refusal('user_id_ended')
  return error.code
}

const SUPPORT = '1-888-772-2970'

/** @throws the error itself when a person can do nothing about it */
export function requestProblem(error: unknown): Again {
  switch (reasonOf(error)) {
    case 'unavailable':
      return {
        status: 503,
        notice: {
          kind: 'error',
          heading: 'Your request could not be completed right now',
          body: 'Wait a moment, then look at View Pending Services: your request may have been kept, and the activation code can be requested again there.',
        },
      }
    case 'company_address_missing':
      return {
        status: 422,
        notice: {
          kind: 'error',
          heading: 'There is no address to mail the activation code to',
          body: `An activation code is mailed only to the address of the employer that is registered with the IRS, and there is none for this EIN that a letter can go to. The Responsible Company Official can call ${SUPPORT}.`,
        },
      }
    case 'too_many_letters':
      return {
        status: 429,
        notice: {
          kind: 'error',
          heading: 'No more activation codes can be mailed for now',
          body: `Too many letters were requested for this User ID. ${notBefore(error)} The newest letter stays valid until the date printed on it.`,
        },
      }
    default:
      throw error
  }
}

/** What to say in place of a form that takes a code; `fieldError` when another try is open. */
export function codeProblem(error: unknown): (Again | { status: number; fieldError: string }) | undefined {
  switch (reasonOf(error)) {
    case 'code_not_accepted': {
      const { triesLeft } = (error as CallRefused).problem
      return {
        status: 422,
        fieldError: `This activation code is not right, or no longer valid. Compare it with the newest letter. ${
          triesLeft === 1 ? 'You have 1 try left.' : `You have ${Number(triesLeft)} tries left.`
        }`,
      }
    }
    case 'locked_out':
      return {
        status: 429,
        notice: {
          kind: 'error',
          heading: 'Too many activation codes were not right',
          body: `No activation code is accepted for this User ID at the moment, and a new letter does not change that. ${notBefore(error)}`,
        },
      }
    case 'unavailable':
      return {
        status: 503,
        notice: {
          kind: 'error',
          heading: 'Your activation code could not be checked right now',
          body: 'Nothing is lost. Wait a moment and enter the same code again.',
        },
      }
    default:
      return undefined
  }
}

function notBefore(error: unknown): string {
  const { retryAt } = (error as CallRefused).problem
  return typeof retryAt === 'number' ? `Try again after ${timeOf(retryAt)}.` : 'Try again later.'
}
