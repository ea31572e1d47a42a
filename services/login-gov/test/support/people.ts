// The service with people of a test's own making, each with just the second factors that the test is about.

import { createHmac } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { buildForTest } from '@gatehouse/http/testing'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import {
  type AuthenticatorKind,
  type NewAuthenticator,
  sqlAuthenticators,
} from '@gatehouse/provider/authenticators/authenticators'
import { sqlLookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import { newTotpSecret } from '@gatehouse/provider/authenticators/totp'
import { Browser } from '@gatehouse/provider/for-tests/browser'
import { service } from '../../src/service.ts'
import { FakeLabMail } from './fake-lab-mail.ts'
import { fakeOneTimeCodes } from './fake-one-time-codes.ts'
import { configurationFiles, PASSWORD } from './login-gov.ts'

export type People = Awaited<ReturnType<typeof startWithPeople>>

export async function startWithPeople(environment: Record<string, string> = {}) {
  const codes = fakeOneTimeCodes()
  const mail = new FakeLabMail()
  const files = configurationFiles()
  const { app, ground, logLines } = await buildForTest(service, {
    environment: { ...files.environment, ...environment },
    calls: mail.before(codes.calls),
  })
  files.remove()
  // Hashing takes long, and these passwords are all the same.
  const accounts = createAccounts(sqlAccountStore(ground.database, ground.secrets))
  const authenticators = sqlAuthenticators(ground.database, ground.secrets)
  const lookUpSecrets = sqlLookUpSecrets(ground.database, ground.secrets)
  let count = 0

  async function add<Kind extends AuthenticatorKind>(given: NewAuthenticator<Kind>) {
    const added = await authenticators.add(given)
    if (!added) throw new Error('not added')
    return added
  }

  return {
    app,
    ground,
    logLines,
    codes,
    mail,
    accounts,
    authenticators,
    lookUpSecrets,
    browser: (headers?: Record<string, string>) => new Browser(app, headers),
    /** A person without any second factor. */
    async person() {
      count += 1
      const email = `person-${count}@example.com`
      const accountId = (await accounts.add({ email, rulesAcceptedAt: now() }, PASSWORD)) ?? ''
      return {
        email,
        accountId,
        addPhone: (
          number = `+120255501${String(count % 90).padStart(2, '0')}`,
          prefers: 'text' | 'call' = 'text',
        ) => add({ accountId, kind: 'phone', name: 'Phone', details: { number, prefers } }),
        async addApp() {
          const secret = newTotpSecret()
          await add({ accountId, kind: 'authenticator_app', name: 'App', details: { secret } })
          return { code: (at = now()) => totp(secret, at) }
        },
        backupCodes: (many = 10) => lookUpSecrets.issue(accountId, 'backup_code', { count: many, groups: 3 }),
        personalKey: () => lookUpSecrets.issue(accountId, 'personal_key', { count: 1, groups: 4 }),
      }
    },
    /** Gives address and password, from `url` on. */
    async giveEmailAndPassword(browser: Browser, email: string, url = '/') {
      await browser.open(url)
      return browser.submit('/', { 'user[email]': email, 'user[password]': PASSWORD })
    },
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The code of an authenticator app at an instant in milliseconds (RFC 6238, RFC 4226 §5.3). */
export function totp(secret: string, at: number): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const digest = createHmac('sha1', key).update(counter).digest()
  const truncated = digest.readUInt32BE((digest.at(-1) ?? 0) & 0xf) & 0x7fff_ffff
  return String(truncated % 1_000_000).padStart(6, '0')
}

/** The options that a page gives to a security key. */
export function optionsOf({ body }: { body: string }): { challenge: string } {
  const found = /data-options="([^"]*)"/.exec(body)?.[1]
  if (!found) throw new Error('this page asks for no security key')
  return JSON.parse(unescaped(found))
}

/** The value of the choice with this label. */
export function choiceOf({ body }: { body: string }, label: string): string {
  for (const [, value = '', text = ''] of body.matchAll(
    /type="radio"[^>]*value="([^"]*)">\s*<label[^>]*>([^<]*)/g,
  )) {
    if (unescaped(text) === label) return unescaped(value)
  }
  throw new Error(`this page has no choice ${label}`)
}

export function titleOf({ body }: { body: string }): string | undefined {
  return /<title>([^|]*) \|/.exec(body)?.[1]
}

function unescaped(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
