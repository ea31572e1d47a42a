import type { ServiceUrls } from '@gatehouse/contracts/services'

interface Shown {
  accounts: { issuer: string; account: string; code: string }[]
}

/** The authenticator app on a phone of the lab. */
export interface AuthenticatorApp {
  /**
   * Adds an account.
   *
   * @param setup a setup key (base32) or an otpauth address
   * @param issuer by which `authenticatorCode` finds it again; an address has its own
   * @throws Error when the lab does not take it; the message names the rule, never the key
   */
  addAuthenticator(setup: string, issuer?: string): Promise<void>
  /**
   * The code that counts now.
   *
   * @param issuer of the account; left out, the account that was added last
   * @throws Error when there is no such account
   */
  authenticatorCode(issuer?: string): Promise<string>
}

/** @param number E.164 */
export function authenticatorAppOf(urls: Pick<ServiceUrls, 'lab'>, number: string): AuthenticatorApp {
  const address = `${urls.lab}/phones/${encodeURIComponent(number)}/authenticator-app`
  return {
    async addAuthenticator(setup, issuer) {
      const entered = /^otpauth:/i.test(setup)
        ? { uri: setup }
        : { setupKey: setup, ...(issuer === undefined ? {} : { issuer }) }
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(entered),
      })
      if (response.ok) return
      const { errors } = (await response.json()) as { errors?: { rule: string }[] }
      throw new Error(`the lab answered ${response.status} to a setup key: ${errors?.[0]?.rule ?? ''}`)
    },
    async authenticatorCode(issuer) {
      const response = await fetch(address)
      if (!response.ok) throw new Error(`the lab answered ${response.status} about an authenticator app`)
      const { accounts } = (await response.json()) as Shown
      const found = accounts.find((shown) => issuer === undefined || shown.issuer === issuer)
      if (!found) throw new Error(`the authenticator app has no account${issuer ? ` of ${issuer}` : ''}`)
      return found.code
    },
  }
}
