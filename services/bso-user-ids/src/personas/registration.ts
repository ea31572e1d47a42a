// The companies and User IDs that the personas of the test profile come with. Registering them again changes nothing:
// what happened to a User ID since, such as being disabled, stays.

import { now } from '@gatehouse/clock/clock'
import { BsoUserId } from '@gatehouse/contracts/bso-user-ids'
import type { PersonasFile } from '@gatehouse/contracts/personas'
import { Value } from 'typebox/value'
import { holderOf } from '../holders/matching.ts'
import type { RegistryStore } from './store.ts'

/**
 * Registers all of `file`, or nothing.
 *
 * @param digest a keyed digest of an SSN
 * @throws Error naming the persona whose User ID is malformed, or of a company that is not in the file, or kept for
 *   another holder or company already: then the data are of other personas, or the service's secret was replaced
 */
export async function registerPersonas(
  { companies, personas }: PersonasFile,
  store: RegistryStore,
  digest: (ssn: string) => string,
): Promise<void> {
  const known = new Set(companies.map(({ ein }) => ein))
  const at = now()
  await store.atomically(async (store) => {
    for (const company of companies) await store.registerCompany(company)
    for (const persona of personas) {
      const holder = holderOf(persona, digest)
      for (const userId of persona.userIds) {
        if (!Value.Check(BsoUserId, userId.bsoUserId))
          throw new Error(`persona ${persona.id}: a malformed User ID`)
        if (!known.has(userId.ein)) throw new Error(`persona ${persona.id}: a User ID of an unknown company`)
        const kept = await store.keepUserId({ ...userId, holder }, at)
        if (kept.ein !== userId.ein || kept.ssnDigest !== holder.ssnDigest) {
          throw new Error(
            `persona ${persona.id}: a User ID that is kept for another holder or company already`,
          )
        }
      }
    }
  })
}
