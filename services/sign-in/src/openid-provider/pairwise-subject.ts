import { createHmac } from 'node:crypto'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Client } from 'oidc-provider'
import { isForAdministrators } from './resources.ts'

/** By what a client knows the person (OpenID Connect Core §8.1): the same for clients of one sector, and for nobody else. */
export type PairwiseSubject = (accountId: string, client: Client) => string

export function createPairwiseSubject(secrets: Pick<Secrets, 'key'>, urls: ServiceUrls): PairwiseSubject {
  // The console knows an administrator by one subject, whichever client calls its interface.
  const adminSector = new URL(urls.admin).host
  return (accountId, client) =>
    createHmac('sha256', secrets.key('pairwise subject'))
      .update(`${isForAdministrators(client) ? adminSector : client.sectorIdentifier} ${accountId}`)
      .digest('base64url')
}
