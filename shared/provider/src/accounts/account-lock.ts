import type { Kysely, Transaction } from 'kysely'

/**
 * Holds the account's row until the transaction ends, so that of two transactions about one account the second sees all
 * of the first: on PostgreSQL neither would see what the other has not committed. An update that changes nothing is how
 * both engines can say it.
 */
export async function lockAccount<Tables>(
  transaction: Transaction<Tables>,
  accountId: string,
): Promise<void> {
  const accounts = transaction as unknown as Kysely<{ accounts: { id: string } }>
  await accounts.updateTable('accounts').set({ id: accountId }).where('id', '=', accountId).execute()
}
