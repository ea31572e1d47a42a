// The service with people of a test's own making, each with just the second factors that the test is about.

import { now } from '@gatehouse/clock/clock'
import type { Evidence } from '@gatehouse/provider/accounts/account'
import { sqlAuthenticators } from '@gatehouse/provider/authenticators/authenticators'
import { sqlLookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import { newTotpSecret } from '@gatehouse/provider/authenticators/totp'
import { Browser } from '@gatehouse/provider/for-tests/browser'
import { generateSync } from 'otplib'
import { FakeServices } from './fake-services.ts'
import { authorizeUrl, PASSWORD, startIdMe } from './id-me.ts'

export type People = Awaited<ReturnType<typeof startWithPeople>>

export async function startWithPeople() {
  const services = new FakeServices()
  const idMe = await startIdMe({ calls: services.calls })
  const authenticators = sqlAuthenticators(idMe.ground.database, idMe.ground.secrets)
  const lookUpSecrets = sqlLookUpSecrets(idMe.ground.database, idMe.ground.secrets)
  let count = 0

  async function givePassword(browser: Browser, email: string, url = authorizeUrl()) {
    await browser.open(url)
    return browser.submit('/sign-in', { email, password: PASSWORD })
  }

  return {
    ...idMe,
    services,
    authenticators,
    lookUpSecrets,
    browser: (headers?: Record<string, string>) => new Browser(idMe.app, headers),
    givePassword,
    /** Somebody without any second factor. */
    async person(more: { evidence?: Evidence } = {}) {
      count += 1
      const email = `person-${count}@example.com`
      const number = `+1${200 + count}5550142`
      const accountId = (await idMe.accounts.add({ email, ...more }, PASSWORD)) ?? ''
      return {
        email,
        accountId,
        number,
        addPhone: (own = number) =>
          authenticators.add({
            accountId,
            kind: 'phone',
            name: 'Phone',
            details: { number: own, prefers: 'text' },
          }),
        addPush: (own = number) =>
          authenticators.add({ accountId, kind: 'push_app', name: 'Push', details: { number: own } }),
        async addCodeGenerator() {
          const secret = newTotpSecret()
          await authenticators.add({ accountId, kind: 'authenticator_app', name: 'App', details: { secret } })
          return { code: () => totp(secret) }
        },
        recoveryCode: async () =>
          (await lookUpSecrets.issue(accountId, 'recovery_code', { count: 1, groups: 6 }))[0] ?? '',
        backupCodes: () => lookUpSecrets.issue(accountId, 'backup_code', { count: 2, groups: 3 }),
      }
    },
  }
}

/** What an authenticator app shows now. */
export function totp(secret: string): string {
  return generateSync({ secret, epoch: Math.floor(now() / 1000) })
}
