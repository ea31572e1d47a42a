// What the values of targets are called, for lists that have only these: of any number of targets at once.

import type { RevocationLabel, RevocationTarget } from '@gatehouse/contracts/revocations'
import type { Kysely } from 'kysely'
import type { Directory } from './preview.ts'
import { credentialOf, type Tables } from './selection.ts'

/** `m***@example.com`: enough to tell apart those who gave no name. */
function maskedEmail(email: string): string {
  return email.replace(/^(.)[^@]*(?=@)/, '$1***')
}

export function createLabels(database: Kysely<Tables>, directory: Directory) {
  async function accountsOfSessions(sids: string[]): Promise<[string, string][]> {
    if (sids.length === 0) return []
    const rows = await database
      .selectFrom('signIns')
      .select(['sessionUid', 'accountId'])
      .where('sessionUid', 'in', sids)
      .execute()
    return rows.map(({ sessionUid, accountId }) => [`session ${sessionUid}`, accountId])
  }

  async function accountsOfCredentials(values: string[]): Promise<[string, string][]> {
    if (values.length === 0) return []
    const rows = await database
      .selectFrom('credentials')
      .select(['idp', 'subject', 'accountId'])
      .where((row) => row.or(values.map(credentialOf).map(({ idp, subject }) => row.and({ idp, subject }))))
      .execute()
    return rows.map(({ idp, subject, accountId }) => [`credential ${idp}:${subject}`, accountId])
  }

  async function namesOf(accountIds: string[]): Promise<Map<string, string>> {
    if (accountIds.length === 0) return new Map()
    const rows = await database
      .selectFrom('accounts')
      .select(['accountId', 'givenName', 'familyName', 'email'])
      .where('accountId', 'in', accountIds)
      .execute()
    const names = rows.map(({ accountId, givenName, familyName, email }): [string, string] => [
      accountId,
      [givenName, familyName].filter(Boolean).join(' ') || maskedEmail(email ?? ''),
    ])
    return new Map(names.filter(([, name]) => name !== ''))
  }

  /** In the order of the targets, without those of which nothing is known here. */
  return async (targets: readonly RevocationTarget[]): Promise<RevocationLabel[]> => {
    const valuesOf = (wanted: RevocationTarget['kind']) =>
      targets.flatMap(({ kind, value }) => (kind === wanted ? [value] : []))
    const [sessions, credentials] = await Promise.all([
      accountsOfSessions(valuesOf('session')),
      accountsOfCredentials(valuesOf('credential')),
    ])
    const accounts = new Map([
      ...sessions,
      ...credentials,
      ...valuesOf('account').map((value): [string, string] => [`account ${value}`, value]),
    ])
    const clientIds = [...new Set(valuesOf('client'))]
    const [names, clients] = await Promise.all([
      namesOf([...new Set(accounts.values())]),
      Promise.all(clientIds.map(async (id) => [id, await directory.clientName(id)] as const)),
    ])
    const clientNames = new Map(clients)

    function labelOf({ kind, value }: RevocationTarget): string | undefined {
      if (kind === 'client') return clientNames.get(value)
      if (kind === 'provider') return directory.providerName(value)
      return names.get(accounts.get(`${kind} ${value}`) ?? '')
    }

    return targets.flatMap((target) => {
      const label = labelOf(target)
      return label === undefined ? [] : [{ target, label }]
    })
  }
}
