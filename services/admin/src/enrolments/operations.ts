import { CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import {
  Employment,
  EnrolledUsername,
  Enrolment,
  Enrolments,
  enrolments,
} from '@gatehouse/contracts/enrolments'
import { Type } from 'typebox'
import { pageOf, pageQuery } from '../access/cursors.ts'
import { operation } from '../access/operation.ts'
import { Why, why } from '../access/why.ts'

const UsernameParams = Type.Object({ username: EnrolledUsername })

/** Who may use the Ticket Portal. */
export function enrolmentOperations({ calls }: { calls: ServiceCalls }) {
  const owner = enrolments(calls)

  async function standing(username: string) {
    try {
      const { organization, kind } = await owner.find(username)
      return { organization, kind }
    } catch (error) {
      if (error instanceof CallRefused && error.code === 'not_found') return undefined
      throw error
    }
  }

  return {
    listEnrolments: operation({
      method: 'GET',
      path: '/enrolments',
      role: 'viewer',
      summary: 'Who is enrolled for the Ticket Portal, by username',
      query: Type.Object(pageQuery, { additionalProperties: false }),
      answer: Enrolments,
      rows: 'enrolments',
      run: (_actor, { query }) => owner.list(pageOf(query)),
    }),
    findEnrolment: operation({
      method: 'GET',
      path: '/enrolments/:username',
      role: 'viewer',
      summary: 'One enrolment',
      params: UsernameParams,
      answer: Enrolment,
      run: (_actor, { params }) => owner.find(params.username),
    }),
    enrol: operation({
      method: 'PUT',
      path: '/enrolments/:username',
      role: 'revoker',
      summary: 'Enrols a my Social Security username, or changes for whom the person works',
      params: UsernameParams,
      body: Type.Object({ ...Employment.properties, ...why }, { additionalProperties: false }),
      answer: Enrolment,
      change: {
        event: 'enrolment.ordered',
        subject: ({ params }, answer) => answer?.id ?? params.username.toLowerCase(),
        before: ({ params }) => standing(params.username),
        after: ({ organization, kind }) => ({ organization, kind }),
      },
      run: (_actor, { params, body: { organization, kind } }) =>
        owner.enrol(params.username, { organization, kind }),
    }),
    removeEnrolment: operation({
      method: 'POST',
      path: '/enrolments/:username/removals',
      role: 'revoker',
      summary: 'Ends an enrolment, from the next click on',
      params: UsernameParams,
      body: Why,
      answer: Type.Object({ username: Type.String() }),
      change: {
        event: 'enrolment.removal-ordered',
        subject: ({ params }) => params.username.toLowerCase(),
        before: ({ params }) => standing(params.username),
      },
      async run(_actor, { params }) {
        await owner.remove(params.username)
        return { username: params.username.toLowerCase() }
      },
    }),
  }
}
