// Which second factors an account has. Knows nothing of pages.

import type { Authenticator, Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'

/** In the order in which they are offered. */
export const METHODS = [
  'phone',
  'code_generator',
  'push',
  'passkey',
  'security_key',
  'recovery_code',
  'backup_code',
] as const
export type Method = (typeof METHODS)[number]

/** What a session keeps of how somebody signed in: as above, but for codes the way they came. */
export type UsedMethod = Exclude<Method, 'phone'> | 'text' | 'call'

/** What an account can give as its second factor. */
export interface Means {
  phones: Authenticator<'phone'>[]
  pushApps: Authenticator<'push_app'>[]
  codeGenerators: Authenticator<'authenticator_app'>[]
  methods: Method[]
}

const METHOD_OF = {
  phone: 'phone',
  authenticator_app: 'code_generator',
  push_app: 'push',
  platform_authenticator: 'passkey',
  security_key: 'security_key',
  certificate: undefined,
} as const satisfies Record<Authenticator['kind'], Method | undefined>

export interface MeansParts {
  authenticators: Authenticators
  lookUpSecrets: LookUpSecrets
}

export async function meansOf(
  accountId: string,
  { authenticators, lookUpSecrets }: MeansParts,
): Promise<Means> {
  const [all, recoveryCodes, backupCodes] = await Promise.all([
    authenticators.of(accountId),
    lookUpSecrets.left(accountId, 'recovery_code'),
    lookUpSecrets.left(accountId, 'backup_code'),
  ])
  const has = new Set<Method | undefined>(all.map(({ kind }) => METHOD_OF[kind]))
  if (recoveryCodes > 0) has.add('recovery_code')
  if (backupCodes > 0) has.add('backup_code')
  return {
    phones: all.filter((one) => one.kind === 'phone') as Authenticator<'phone'>[],
    pushApps: all.filter((one) => one.kind === 'push_app') as Authenticator<'push_app'>[],
    codeGenerators: all.filter(
      (one) => one.kind === 'authenticator_app',
    ) as Authenticator<'authenticator_app'>[],
    methods: METHODS.filter((method) => has.has(method)),
  }
}
