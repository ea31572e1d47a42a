import type { Kysely } from 'kysely'

interface Version {
  version: string
  textHash: string
  /** The canonical text, so that what an account agreed to can still be shown when the program has moved on. */
  text: string
  /** Milliseconds. */
  firstInForceAt: number
}

export interface VersionStore {
  /** Keeps a version unless it is there already. Gives the text hash that is kept for it, which never changes. */
  keep(version: Version): Promise<string>
}

interface Tables {
  termsVersions: Version
}

export function sqlVersionStore(anyDatabase: Kysely<never> | Kysely<unknown>): VersionStore {
  const database = anyDatabase as unknown as Kysely<Tables>
  return {
    async keep(version) {
      await database
        .insertInto('termsVersions')
        .values(version)
        .onConflict((conflict) => conflict.column('version').doNothing())
        .execute()
      const { textHash } = await database
        .selectFrom('termsVersions')
        .select('textHash')
        .where('version', '=', version.version)
        .executeTakeFirstOrThrow()
      return textHash
    },
  }
}
