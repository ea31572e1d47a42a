// The lab's security keys. A key holds credentials, each for one site and one person, and signs with them when somebody
// touches it. Where the answer goes, and for whom a key may sign, has been checked before (ceremonies.ts).

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { Refusal, type Refusals } from '@gatehouse/http/refusal'
import { introduce, newCredential, prove } from './authenticator.ts'
import type { Assertion, Attachment, Registration } from './ceremonies.ts'
import type { Credential, SecurityKey, SecurityKeyStore } from './store.ts'

export const securityKeyRefusals: Refusals = {
  already_registered: { status: 409, title: 'This key is registered for that account already' },
  no_credential: { status: 409, title: 'This key has nothing registered for that' },
  no_such_key: { status: 409, title: 'This key is not here any more' },
  key_full: { status: 409, title: 'This key has no room for more' },
  too_many_keys: { status: 409, title: 'There are as many keys as the lab keeps. Remove one.' },
  algorithm_not_supported: { status: 409, title: 'The site takes no key of the kind that is made here' },
}

/** The rest of RegistrationResponseJSON (WebAuthn Level 3 §5.1) is the same for every one. */
export type RegistrationResponse = ReturnType<typeof registrationResponse>
/** AuthenticationResponseJSON */
export type AuthenticationResponse = ReturnType<typeof authenticationResponse>

/** One thing that a person can touch. */
export interface Choice {
  value: string
  label: string
  /** The refusal that choosing it meets. */
  trouble?: string
}

/** Which key: what was chosen of the choices, or a key's name; neither: the first that fits. */
export interface Wanted {
  choice?: string
  keyName?: string
}

export interface SecurityKeys {
  all(): Promise<SecurityKey[]>
  /** @throws Refusal `too_many_keys` */
  make(name?: string): Promise<SecurityKey>
  remove(id: string): Promise<void>
  registrationChoices(registration: Registration): Promise<Choice[]>
  assertionChoices(assertion: Assertion): Promise<Choice[]>
  /** Makes a credential, on a new key when none fits. @throws Refusal one of `securityKeyRefusals` */
  register(registration: Registration, wanted?: Wanted): Promise<RegistrationResponse>
  /** Signs. @throws Refusal one of `securityKeyRefusals` */
  assert(assertion: Assertion, wanted?: Wanted): Promise<AuthenticationResponse>
}

/** The choice that is no key yet. */
const NEW_KEY = 'new'
const MOST_KEYS = 50
const MOST_CREDENTIALS = 200
const TRANSPORTS: Record<Attachment, string[]> = { 'cross-platform': ['usb'], platform: ['internal'] }

function troubleRegistering(
  { credentials }: SecurityKey,
  { rpId, excluded }: Registration,
): string | undefined {
  if (credentials.some((held) => held.rpId === rpId && excluded.includes(held.id)))
    return 'already_registered'
  return credentials.length >= MOST_CREDENTIALS ? 'key_full' : undefined
}

/** Those with which a key could answer, newest first. */
function fitting({ credentials }: SecurityKey, { rpId, allowed }: Assertion): Credential[] {
  const here = credentials.filter((held) => held.rpId === rpId)
  // Whoever names credentials wants one of them, and it does not matter which (§6.3.3 step 5).
  if (allowed.length > 0) return here.filter(({ id }) => allowed.includes(id)).slice(0, 1)
  return here.filter(({ discoverable }) => discoverable)
}

export function createSecurityKeys(store: SecurityKeyStore): SecurityKeys {
  async function make(name?: string): Promise<SecurityKey> {
    const keys = await store.all()
    if (keys.length >= MOST_KEYS) throw new Refusal('too_many_keys')
    // Somebody else may have just taken the name.
    for (let count = keys.length + 1; count <= keys.length + MOST_KEYS; count++) {
      const id = randomUUID()
      const chosen = name ?? `Security key ${count}`
      if (await store.make(id, chosen)) return { id, name: chosen, createdAt: now(), credentials: [] }
      const taken = (await store.all()).find((key) => key.name === name)
      if (taken) return taken
    }
    throw new Refusal('too_many_keys')
  }

  async function keyFor(registration: Registration, { choice, keyName }: Wanted): Promise<SecurityKey> {
    const keys = await store.all()
    if (choice === NEW_KEY) return make()
    if (choice === undefined && keyName === undefined) {
      return keys.find((key) => !troubleRegistering(key, registration)) ?? make()
    }
    const key = keys.find(({ id, name }) => (choice === undefined ? name === keyName : id === choice))
    if (!key && choice === undefined) return make(keyName)
    if (!key) throw new Refusal('no_such_key')
    const trouble = troubleRegistering(key, registration)
    if (trouble) throw new Refusal(trouble)
    return key
  }

  async function credentialFor(assertion: Assertion, { choice, keyName }: Wanted): Promise<string> {
    const keys = (await store.all()).filter(({ name }) => keyName === undefined || name === keyName)
    const found = keys.flatMap((key) => fitting(key, assertion))
    const chosen = choice === undefined ? found[0] : found.find(({ id }) => id === choice)
    if (chosen) return chosen.id
    throw new Refusal('no_credential')
  }

  return {
    all: store.all,
    make,
    remove: store.remove,
    async registrationChoices(registration) {
      const keys = await store.all()
      const choices = keys.map((key) => ({
        value: key.id,
        label: key.name,
        trouble: troubleRegistering(key, registration),
      }))
      return [...choices, { value: NEW_KEY, label: 'A new key' }]
    },
    async assertionChoices(assertion) {
      const keys = await store.all()
      return keys.flatMap((key): Choice[] => {
        const found = fitting(key, assertion)
        if (found.length === 0) return [{ value: key.id, label: key.name, trouble: 'no_credential' }]
        return found.map(({ id, userName }) => ({ value: id, label: `${key.name}, ${userName}` }))
      })
    },
    async register(registration, wanted = {}) {
      if (!registration.takesEs256) throw new Refusal('algorithm_not_supported')
      const key = await keyFor(registration, wanted)
      const credential = newCredential()
      const { rpId, user, discoverable, attachment } = registration
      const stored = {
        id: credential.id,
        keyId: key.id,
        rpId,
        userHandle: user.id,
        userName: user.name,
        discoverable,
        attachment,
        counter: 0,
        createdAt: now(),
      }
      await store.add(stored, credential.privateKey)
      return registrationResponse(stored, introduce(credential, registration), registration.asksForProperties)
    },
    async assert(assertion, wanted = {}) {
      const credential = await store.use(await credentialFor(assertion, wanted))
      if (!credential) throw new Refusal('no_such_key')
      return authenticationResponse(credential, prove(credential, assertion))
    },
  }
}

function registrationResponse(
  { id, attachment, discoverable }: Credential,
  introduced: ReturnType<typeof introduce>,
  withProperties: boolean,
) {
  return {
    id,
    rawId: id,
    type: 'public-key' as const,
    authenticatorAttachment: attachment,
    clientExtensionResults: withProperties ? { credProps: { rk: discoverable } } : {},
    response: { ...introduced, transports: TRANSPORTS[attachment] },
  }
}

function authenticationResponse(
  { id, attachment, discoverable, userHandle }: Credential,
  proof: ReturnType<typeof prove>,
) {
  return {
    id,
    rawId: id,
    type: 'public-key' as const,
    authenticatorAttachment: attachment,
    clientExtensionResults: {},
    // A key that was told of a person only in passing does not remember whose the credential is.
    response: { ...proof, ...(discoverable ? { userHandle } : {}) },
  }
}
