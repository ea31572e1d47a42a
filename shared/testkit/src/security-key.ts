import type { ServiceUrls } from '@gatehouse/contracts/services'

/** What a provider asks of a key. */
interface Request {
  /** WebAuthn's options as JSON: PublicKeyCredentialCreationOptionsJSON or …RequestOptionsJSON. */
  options: unknown
  /** The provider's. */
  origin: string
}

/** RegistrationResponseJSON or AuthenticationResponseJSON; what is in `response` goes to the provider as it is. */
export interface SecurityKeyResponse {
  id: string
  rawId: string
  type: 'public-key'
  authenticatorAttachment: 'platform' | 'cross-platform'
  clientExtensionResults: Record<string, unknown>
  response: Record<string, unknown>
}

/** A security key that needs no finger. */
export interface SecurityKey {
  /** Makes a credential. @throws Error with the lab's code, such as `already_registered` */
  register(request: Request): Promise<SecurityKeyResponse>
  /** Signs. @throws Error with the lab's code, such as `no_credential` */
  authenticate(request: Request): Promise<SecurityKeyResponse>
}

/**
 * A security key of the lab.
 *
 * @param name one key and no other, made at its first registration; left out, whichever fits
 */
export function labSecurityKey(urls: Pick<ServiceUrls, 'lab'>, name?: string): SecurityKey {
  async function ask(what: 'registrations' | 'assertions', request: Request): Promise<SecurityKeyResponse> {
    const response = await fetch(`${urls.lab}/security-keys/${what}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, ...(name === undefined ? {} : { key: name }) }),
    })
    if (response.ok) return (await response.json()) as SecurityKeyResponse
    const { code, errors } = (await response.json()) as {
      code?: string
      errors?: { field: string; rule: string }[]
    }
    const rules = errors?.map(({ field, rule }) => `${field} ${rule}`).join(', ')
    throw new Error(`the security key answered ${response.status} ${code ?? ''} ${rules ?? ''}`.trim())
  }
  return {
    register: (request) => ask('registrations', request),
    authenticate: (request) => ask('assertions', request),
  }
}
