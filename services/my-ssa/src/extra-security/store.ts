// What is kept of extra security: per account whether it is on and for which phone, and the enrolments in which a phone
// was confirmed and the upgrade code is still to come. Phone numbers are sealed.

import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely, Selectable } from 'kysely'

/** `requested`: the person has asked for it, and enables it with the upgrade code of a letter. */
export type ExtraSecurityState = 'off' | 'requested' | 'on'

/** A phone that was confirmed by text for the letter whose upgrade code is to follow. Its phone never changes. */
export interface Enrolment {
  id: string
  accountId: string
  letterId: string
  /** E.164. */
  phone: string
  /** Milliseconds. */
  confirmedAt: number
}

export interface Standing {
  state: ExtraSecurityState
  /** E.164; only while it is on. */
  phone: string | undefined
  /** The letter that was asked for with the request; absent until that is done. */
  letterId: string | undefined
}

export interface ExtraSecurityStore {
  find(accountId: string): Promise<Standing>
  /** Puts an account into a state unless it was ever in one. */
  seed(accountId: string, state: ExtraSecurityState, phone: string | undefined): Promise<void>
  /** From off to requested; false when it is not off. */
  request(accountId: string): Promise<boolean>
  /** Notes the letter of a request that has none yet. */
  noteLetter(accountId: string, letterId: string): Promise<void>
  /** From requested to off, with all enrolments; false when nothing is requested. */
  cancel(accountId: string): Promise<boolean>
  /** Keeps a confirmed enrolment; those of earlier letters go. */
  addEnrolment(enrolment: Enrolment): Promise<void>
  findEnrolment(accountId: string, id: string): Promise<Enrolment | undefined>
  /** The one that was last used for this letter. */
  newestEnrolment(accountId: string, letterId: string): Promise<Enrolment | undefined>
  /** Notes that an upgrade code is tried in this enrolment. */
  touchEnrolment(id: string): Promise<void>
  /**
   * From requested to on, with the phone of the enrolment: in one transaction with the end of all enrolments. False, and
   * nothing changes, when the request or the enrolment is gone meanwhile.
   */
  turnOn(enrolment: Enrolment): Promise<boolean>
  /** From on to off, with the phone; false when it is not on. */
  turnOff(accountId: string): Promise<boolean>
  /** Another phone while it is on; false when it is not. */
  changePhone(accountId: string, phone: string): Promise<boolean>
}

interface Tables {
  extraSecurity: {
    accountId: string
    state: string
    sealedPhone: string | null
    letterId: string | null
    changedAt: number
  }
  enrolments: {
    id: string
    accountId: string
    letterId: string
    sealedPhone: string
    confirmedAt: number
    touchedAt: number
  }
}

const PHONE = 'phone of extra security'

class EnrolmentGone extends Error {}

export function sqlExtraSecurity(
  anyDatabase: Kysely<never> | Kysely<unknown>,
  secrets: Pick<Secrets, 'seal' | 'unseal'>,
): ExtraSecurityStore {
  const database = anyDatabase as unknown as Kysely<Tables>

  /** A change of state happens only from `from`: of two at once one wins. */
  async function move(
    on: Kysely<Tables>,
    accountId: string,
    from: ExtraSecurityState,
    values: Partial<Tables['extraSecurity']>,
  ): Promise<boolean> {
    const result = await on
      .updateTable('extraSecurity')
      .set({ changedAt: now(), ...values })
      .where('accountId', '=', accountId)
      .where('state', '=', from)
      .executeTakeFirst()
    return result.numUpdatedRows > 0n
  }

  const endEnrolments = (on: Kysely<Tables>, accountId: string) =>
    on.deleteFrom('enrolments').where('accountId', '=', accountId).execute()

  function opened(row: Selectable<Tables['enrolments']>): Enrolment {
    const { id, accountId, letterId, sealedPhone, confirmedAt } = row
    return { id, accountId, letterId, phone: secrets.unseal(PHONE, sealedPhone), confirmedAt }
  }

  return {
    async find(accountId) {
      const row = await database
        .selectFrom('extraSecurity')
        .selectAll()
        .where('accountId', '=', accountId)
        .executeTakeFirst()
      return {
        state: (row?.state as ExtraSecurityState | undefined) ?? 'off',
        phone: row?.sealedPhone ? secrets.unseal(PHONE, row.sealedPhone) : undefined,
        letterId: row?.letterId ?? undefined,
      }
    },
    async seed(accountId, state, phone) {
      await database
        .insertInto('extraSecurity')
        .values({
          accountId,
          state,
          sealedPhone: phone === undefined ? null : secrets.seal(PHONE, phone),
          letterId: null,
          changedAt: now(),
        })
        .onConflict((conflict) => conflict.column('accountId').doNothing())
        .execute()
    },
    async request(accountId) {
      const values = { state: 'requested', sealedPhone: null, letterId: null, changedAt: now() }
      const row = await database
        .insertInto('extraSecurity')
        .values({ accountId, ...values })
        .onConflict((conflict) =>
          conflict.column('accountId').doUpdateSet(values).where('extraSecurity.state', '=', 'off'),
        )
        .returning('accountId')
        .executeTakeFirst()
      return row !== undefined
    },
    async noteLetter(accountId, letterId) {
      await database
        .updateTable('extraSecurity')
        .set({ letterId })
        .where('accountId', '=', accountId)
        .where('state', '=', 'requested')
        .where('letterId', 'is', null)
        .execute()
    },
    async cancel(accountId) {
      return database.transaction().execute(async (transaction) => {
        if (!(await move(transaction, accountId, 'requested', { state: 'off', letterId: null }))) return false
        await endEnrolments(transaction, accountId)
        return true
      })
    },
    async addEnrolment({ phone, ...enrolment }) {
      await database.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom('enrolments')
          .where('accountId', '=', enrolment.accountId)
          .where('letterId', '!=', enrolment.letterId)
          .execute()
        await transaction
          .insertInto('enrolments')
          .values({
            ...enrolment,
            sealedPhone: secrets.seal(PHONE, phone),
            touchedAt: enrolment.confirmedAt,
          })
          .execute()
      })
    },
    async findEnrolment(accountId, id) {
      const row = await database
        .selectFrom('enrolments')
        .selectAll()
        .where('accountId', '=', accountId)
        .where('id', '=', id)
        .executeTakeFirst()
      return row && opened(row)
    },
    async newestEnrolment(accountId, letterId) {
      const row = await database
        .selectFrom('enrolments')
        .selectAll()
        .where('accountId', '=', accountId)
        .where('letterId', '=', letterId)
        .orderBy('touchedAt', 'desc')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
      return row && opened(row)
    },
    async touchEnrolment(id) {
      await database.updateTable('enrolments').set({ touchedAt: now() }).where('id', '=', id).execute()
    },
    async turnOn({ id, accountId, phone }) {
      const work = database.transaction().execute(async (transaction) => {
        const sealedPhone = secrets.seal(PHONE, phone)
        // The account's row first, as in `cancel`: the two never wait for each other.
        if (
          !(await move(transaction, accountId, 'requested', { state: 'on', sealedPhone, letterId: null }))
        ) {
          return false
        }
        const { numDeletedRows } = await transaction
          .deleteFrom('enrolments')
          .where('accountId', '=', accountId)
          .where('id', '=', id)
          .executeTakeFirst()
        // Thrown, so that nothing of it stays.
        if (numDeletedRows === 0n) throw new EnrolmentGone()
        await endEnrolments(transaction, accountId)
        return true
      })
      return work.catch((error) => {
        if (error instanceof EnrolmentGone) return false
        throw error
      })
    },
    turnOff: (accountId) =>
      move(database, accountId, 'on', { state: 'off', sealedPhone: null, letterId: null }),
    changePhone: (accountId, phone) =>
      move(database, accountId, 'on', { sealedPhone: secrets.seal(PHONE, phone) }),
  }
}
