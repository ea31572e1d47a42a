// Security keys, and the authenticators of people's own devices (Web Authentication Level 3): the options of both
// ceremonies, and what comes back. Challenges are the caller's to keep: each is good for one answer.

import { timingSafeEqual } from 'node:crypto'
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import type { Account } from '../accounts/account.ts'
import type { Authenticator, Authenticators } from './authenticators.ts'
import { isAuthenticationResponse, isRegistrationResponse } from './webauthn-responses.ts'
import { ALGORITHMS, verifiedCounter, verifiedCredential } from './webauthn-verification.ts'

export type WebAuthnKind = 'security_key' | 'platform_authenticator'

const KINDS: readonly WebAuthnKind[] = ['security_key', 'platform_authenticator']

export interface WebAuthn {
  /** What `navigator.credentials.create` takes; keep its `challenge`. */
  registrationOptions(account: Account, kind: WebAuthnKind): Promise<PublicKeyCredentialCreationOptionsJSON>
  /**
   * @param given `challenge` as in the options; `response` as it came, anything at all
   * @returns the new authenticator; `too_many` when the account has the most of its kind; `refused` for whatever is
   *   malformed, answers other options, or is registered already, whoever has it
   */
  register(given: {
    account: Account
    kind: WebAuthnKind
    name: string
    challenge: string
    response: unknown
  }): Promise<Authenticator<WebAuthnKind> | 'refused' | 'too_many'>
  /**
   * What `navigator.credentials.get` takes; keep its `challenge`.
   *
   * @param accountId nobody's to let the person choose among the passkeys of their device: the answer says who it is
   */
  authenticationOptions(
    accountId: string | undefined,
    kinds: readonly WebAuthnKind[],
  ): Promise<PublicKeyCredentialRequestOptionsJSON>
  /** @returns the authenticator that was used; nothing for whatever is malformed, used before, or not asked for */
  authenticate(given: {
    accountId: string | undefined
    kinds: readonly WebAuthnKind[]
    challenge: string
    response: unknown
  }): Promise<Authenticator<WebAuthnKind> | undefined>
}

export interface WebAuthnParts {
  /** What people see in their browser's dialogue. */
  rpName: string
  publicUrl: string
  authenticators: Authenticators
  /** How many of each kind an account may have. */
  most: number
}

/** Milliseconds that a browser waits for the person. */
const TIMEOUT = 5 * 60_000

export function createWebAuthn({ rpName, publicUrl, authenticators, most }: WebAuthnParts): WebAuthn {
  const { origin, hostname: rpId } = new URL(publicUrl)

  async function credentialsOf(accountId: string, kinds: readonly WebAuthnKind[]) {
    const own = await authenticators.of(accountId)
    return own.filter(isWebAuthn).filter(({ kind }) => kinds.includes(kind))
  }

  return {
    async registrationOptions(account, kind) {
      const { generateRegistrationOptions } = await import('@simplewebauthn/server')
      const own = await credentialsOf(account.id, KINDS)
      const isPlatform = kind === 'platform_authenticator'
      return generateRegistrationOptions({
        rpName,
        rpID: rpId,
        userName: account.email,
        userDisplayName: account.email,
        userID: new TextEncoder().encode(account.id),
        timeout: TIMEOUT,
        attestationType: 'none',
        supportedAlgorithmIDs: ALGORITHMS,
        excludeCredentials: own.map(descriptor),
        authenticatorSelection: {
          residentKey: isPlatform ? 'required' : 'discouraged',
          userVerification: isPlatform ? 'required' : 'preferred',
          authenticatorAttachment: isPlatform ? 'platform' : 'cross-platform',
        },
      })
    },

    async register({ account, kind, name, challenge, response }) {
      if (!isRegistrationResponse(response)) return 'refused'
      const asked = { challenge, origin, rpId, mustVerifyUser: kind === 'platform_authenticator' }
      const verified = await verifiedCredential(response, asked)
      if (!verified) return 'refused'
      const added = await authenticators.add<WebAuthnKind>(
        { accountId: account.id, kind, name, ...verified },
        most,
      )
      if (added) return added
      const own = await authenticators.ofKind(account.id, kind)
      return own.length >= most ? 'too_many' : 'refused'
    },

    async authenticationOptions(accountId, kinds) {
      const { generateAuthenticationOptions } = await import('@simplewebauthn/server')
      const own = accountId === undefined ? [] : await credentialsOf(accountId, kinds)
      return generateAuthenticationOptions({
        rpID: rpId,
        timeout: TIMEOUT,
        allowCredentials: own.map(descriptor),
        userVerification: mustVerifyUser(accountId, kinds) ? 'required' : 'preferred',
      })
    },

    async authenticate({ accountId, kinds, challenge, response }) {
      if (!isAuthenticationResponse(response)) return undefined
      const found = await findIdentified(kinds, response.id)
      if (!found || (accountId !== undefined && found.accountId !== accountId)) return undefined
      if (!isHandleOf(found.accountId, response.response.userHandle, accountId === undefined))
        return undefined
      const asked = { challenge, origin, rpId, mustVerifyUser: mustVerifyUser(accountId, kinds) }
      const counter = await verifiedCounter(response, asked, found)
      if (counter === undefined) return undefined
      // Authenticators that do not count always say 0 (§6.1.1); any other must have counted on.
      const isUncounted = counter === 0 && found.counter === 0
      const isUse = await authenticators.use(found.id, isUncounted ? undefined : counter)
      return isUse ? { ...found, counter } : undefined
    },
  }

  async function findIdentified(kinds: readonly WebAuthnKind[], credentialId: string) {
    for (const kind of kinds) {
      const found = await authenticators.identified(kind, credentialId)
      if (found) return found
    }
    return undefined
  }
}

/**
 * A passkey in place of the password, or the device's own lock, is both factors in one: then the device must know the
 * person (NIST SP 800-63B-4 §3.1.7).
 */
function mustVerifyUser(accountId: string | undefined, kinds: readonly WebAuthnKind[]): boolean {
  return accountId === undefined || kinds.every((kind) => kind === 'platform_authenticator')
}

function isWebAuthn(one: Authenticator): one is Authenticator<WebAuthnKind> {
  return (KINDS as readonly string[]).includes(one.kind)
}

function descriptor({ details }: Authenticator<WebAuthnKind>) {
  return { id: details.credentialId, transports: details.transports }
}

/** Whose the authenticator says it is (§7.2 step 6); it may keep silent where the account is known already. */
function isHandleOf(accountId: string, handle: string | null | undefined, isNeeded: boolean): boolean {
  if (handle === undefined || handle === null) return !isNeeded
  const said = Buffer.from(handle, 'base64url')
  const expected = Buffer.from(accountId)
  return said.length === expected.length && timingSafeEqual(said, expected)
}
