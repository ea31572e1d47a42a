import { createHmac } from 'node:crypto'
import type { Secrets } from '@gatehouse/storage/secrets'

/** The subject of an account in a sector (OpenID Connect Core §8.1): the same ever after, and no sector knows another's. */
export function pairwiseSubject(
  secrets: Pick<Secrets, 'key'>,
  sector: string | undefined,
  accountId: string,
): string {
  return createHmac('sha256', secrets.key('pairwise subject'))
    .update(`${sector} ${accountId}`)
    .digest('base64url')
}

/** The sector of a client without `sector_identifier_uri`, as oidc-provider has it: the host of its redirect URIs. */
export function sectorOf([redirectUri = '']: readonly string[]): string {
  return new URL(redirectUri).host
}
