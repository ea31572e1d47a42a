import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import { type Holders, ofSignIn } from '@gatehouse/provider/credential-holders/routes'
import type { Clients } from '../clients/client.ts'
import type { Subjects } from '../openid-connect/subjects.ts'

interface Dependencies {
  clients: Pick<Clients, 'all'>
  subjects: Pick<Subjects, 'find' | 'known'>
  authenticators: Pick<Authenticators, 'ofKind' | 'holders'>
  signInUrl: string
}

/** Subjects are pairwise by agency: those of the agency for which sign-in is registered. */
export function createHolders({ clients, subjects, authenticators, signInUrl }: Dependencies): Holders {
  const agencies = () => {
    const signIns = ofSignIn(clients.all(), ({ redirectUris }) => redirectUris, signInUrl)
    return [...new Set(signIns.map(({ agencyId }) => agencyId))]
  }
  async function first(ask: (agencyId: string) => Promise<string | undefined>): Promise<string | undefined> {
    for (const agencyId of agencies()) {
      const found = await ask(agencyId)
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    accountOf: (subject) => first((agencyId) => subjects.find(subject, agencyId)),
    subjectOf: (accountId) => first((agencyId) => subjects.known(accountId, agencyId)),
    phoneNumbersOf: async (accountId) =>
      (await authenticators.ofKind(accountId, 'phone')).map(({ details }) => details.number),
    withPhone: (atMost) => authenticators.holders('phone', atMost),
  }
}
