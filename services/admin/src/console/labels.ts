// What people, User IDs, companies, relying services and providers are called, where a page has only their ids.

import type { ServiceCalls } from '@gatehouse/contracts/calls'
import { type RevocationTarget, revocations } from '@gatehouse/contracts/revocations'
import { userIdAdministration } from '@gatehouse/contracts/user-id-administration'
import { hasOwner } from '../acts/act.ts'
import { gather } from '../people/part.ts'

/** By `<kind> <value>`. What is not in it is shown by its id. */
export type Labels = ReadonlyMap<string, string>

const keyOf = ({ kind, value }: RevocationTarget) => `${kind} ${value}`

export function labelOf(target: RevocationTarget, labels: Labels): string | undefined {
  return labels.get(keyOf(target))
}

/** As many as owners name in one answer. */
const MOST = 200

/** Finds out the names on a whole page: one call to each owner, and none of one that does not answer. */
export function createLabels(calls: ServiceCalls) {
  const ofSignIn = async (targets: RevocationTarget[]) => {
    const { labels } = await revocations(calls).labels({ targets: targets.slice(0, MOST) })
    return labels.map(({ target, label }): [string, string] => [keyOf(target), label])
  }

  const ofUserIds = async (targets: RevocationTarget[]) => {
    const valuesOf = (kind: string) =>
      targets.flatMap((target) => (target.kind === kind ? [target.value] : [])).slice(0, MOST)
    const { userIds, companies } = await userIdAdministration(calls).names({
      userIds: valuesOf('bso_user_id'),
      eins: valuesOf('ein'),
    })
    return [
      ...userIds.map(({ bsoUserId, holderName }): [string, string] => [
        keyOf({ kind: 'bso_user_id', value: bsoUserId }),
        holderName,
      ]),
      ...companies.map(({ ein, name }): [string, string] => [keyOf({ kind: 'ein', value: ein }), name]),
    ]
  }

  return async (targets: readonly RevocationTarget[]): Promise<Labels> => {
    // Acts are targets too, with more to them than an owner takes.
    const each = [
      ...new Map(targets.map(({ kind, value }) => [keyOf({ kind, value }), { kind, value }])).values(),
    ]
    const theirs = each.filter(({ kind }) => hasOwner(kind))
    const others = each.filter(({ kind }) => !hasOwner(kind) && kind !== 'everything')
    const { rows = [] } = await gather([
      ...(others.length > 0
        ? [{ service: 'sign-in', ask: async () => ({ rows: await ofSignIn(others) }) }]
        : []),
      ...(theirs.length > 0
        ? [{ service: 'bso-user-ids', ask: async () => ({ rows: await ofUserIds(theirs) }) }]
        : []),
    ])
    return new Map(rows)
  }
}
