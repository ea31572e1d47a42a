// In which language somebody wants letters, where they said so.

import type { Lang } from '@gatehouse/pages/site'
import type { Kysely } from 'kysely'

export interface MailLanguages {
  of(accountId: string): Promise<Lang | undefined>
  set(accountId: string, language: Lang): Promise<void>
  remove(accountId: string): Promise<void>
}

interface Tables {
  mailLanguages: { accountId: string; language: string }
}

export function sqlMailLanguages(anyDatabase: Kysely<never> | Kysely<unknown>): MailLanguages {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async of(accountId) {
      const row = await database
        .selectFrom('mailLanguages')
        .select('language')
        .where('accountId', '=', accountId)
        .executeTakeFirst()
      return row && (row.language === 'es' ? 'es' : 'en')
    },
    async set(accountId, language) {
      await database
        .insertInto('mailLanguages')
        .values({ accountId, language })
        .onConflict((conflict) => conflict.column('accountId').doUpdateSet({ language }))
        .execute()
    },
    async remove(accountId) {
      await database.deleteFrom('mailLanguages').where('accountId', '=', accountId).execute()
    },
  }
}
