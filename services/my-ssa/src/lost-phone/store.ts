// Resets of a phone that are under way: one per account at the most.

import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import { sqlExtraSecurity } from '../extra-security/store.ts'

export interface PhoneReset {
  /** What the reset code is redeemed for. */
  id: string
  accountId: string
  /** E.164: the phone that is to take the place of the lost one. */
  phone: string
  /** Absent until its letter was requested. */
  letterId: string | undefined
}

export interface PhoneResetStore {
  find(accountId: string): Promise<PhoneReset | undefined>
  /** Begins a reset in the place of any earlier one. */
  begin(reset: Omit<PhoneReset, 'letterId'>): Promise<void>
  noteLetter(id: string, letterId: string): Promise<void>
  /** Corrects the new number; false when the reset is gone. */
  changePhone(id: string, phone: string): Promise<boolean>
  /** False when there was none. */
  remove(accountId: string, id?: string): Promise<boolean>
  /**
   * Puts the new phone in the place of the old one and ends the reset, in one transaction. False, and nothing changes,
   * when the reset is gone, has another number by now, or extra security is not on.
   */
  complete(reset: PhoneReset): Promise<boolean>
}

interface Tables {
  phoneResets: {
    accountId: string
    id: string
    letterId: string | null
    sealedPhone: string
    requestedAt: number
  }
}

const PHONE = 'phone of a reset'

class ResetGone extends Error {}

export function sqlPhoneResets(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
): PhoneResetStore {
  const database = anyDatabase as unknown as Kysely<Tables>

  async function find(on: Kysely<Tables>, accountId: string): Promise<PhoneReset | undefined> {
    const row = await on
      .selectFrom('phoneResets')
      .selectAll()
      .where('accountId', '=', accountId)
      .executeTakeFirst()
    if (!row) return undefined
    const phone = secrets.unseal(PHONE, row.sealedPhone)
    return { id: row.id, accountId, phone, letterId: row.letterId ?? undefined }
  }

  return {
    find: (accountId) => find(database, accountId),
    async begin({ id, accountId, phone }) {
      const values = { id, sealedPhone: secrets.seal(PHONE, phone), letterId: null, requestedAt: now() }
      await database
        .insertInto('phoneResets')
        .values({ accountId, ...values })
        .onConflict((conflict) => conflict.column('accountId').doUpdateSet(values))
        .execute()
    },
    async noteLetter(id, letterId) {
      await database.updateTable('phoneResets').set({ letterId }).where('id', '=', id).execute()
    },
    async changePhone(id, phone) {
      const result = await database
        .updateTable('phoneResets')
        .set({ sealedPhone: secrets.seal(PHONE, phone) })
        .where('id', '=', id)
        .executeTakeFirst()
      return result.numUpdatedRows > 0n
    },
    async remove(accountId, id) {
      let removal = database.deleteFrom('phoneResets').where('accountId', '=', accountId)
      if (id !== undefined) removal = removal.where('id', '=', id)
      return (await removal.executeTakeFirst()).numDeletedRows > 0n
    },
    async complete({ id, accountId, phone }) {
      const work = database.transaction().execute(async (transaction) => {
        // The account's row first, as everywhere.
        const isOn = await sqlExtraSecurity(transaction as unknown as Kysely<unknown>, secrets).changePhone(
          accountId,
          phone,
        )
        const reset = await find(transaction, accountId)
        // Thrown, so that nothing of it stays.
        if (!isOn || reset?.id !== id || reset.phone !== phone) throw new ResetGone()
        await transaction.deleteFrom('phoneResets').where('id', '=', id).execute()
        return true
      })
      return work.catch((error) => {
        if (error instanceof ResetGone) return false
        throw error
      })
    },
  }
}
