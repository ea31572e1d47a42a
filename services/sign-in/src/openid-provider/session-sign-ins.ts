import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Accounts } from '../accounts/accounts.ts'
import type { SignIn } from '../accounts/sign-ins.ts'
import type { Revocations } from '../revocations/revocations.ts'
import type { Results } from '../steps/interaction.ts'

type OidcContext = KoaContextWithOIDC['oidc']

/**
 * From the browser session of an authorization request to the sign-in that it tells of. A sign-in that was completed on
 * the way is tied to the session here, before anything is decided by it.
 */
export function createSessionSignIns(accounts: Accounts, revocations: Pick<Revocations, 'endOfSignIn'>) {
  const found = new WeakMap<OidcContext, Promise<SignIn | undefined>>()

  async function find({ session, result }: OidcContext): Promise<SignIn | undefined> {
    if (!session?.accountId) return undefined
    const { signInId } = (result ?? {}) as Results
    if (signInId) await accounts.tieToSession(signInId, session.uid)
    const signIn = signInId
      ? await accounts.findSignIn(signInId)
      : await accounts.findSignInOfSession(session.uid)
    // Two sign-ins that overlap in two tabs may leave a session that tells of one and a newer one that it is tied to. The
    // library writes acr, amr and auth_time of ID tokens from the session: where the two differ, nobody is signed in.
    const isTold =
      signIn?.accountId === session.accountId && Math.floor(signIn.authenticatedAt / 1000) === session.loginTs
    if (!isTold) return undefined
    // A request that was under way when the session ended may have stored it again.
    if (await revocations.endOfSignIn({ ...signIn, sessionUid: session.uid })) return undefined
    await accounts.touch(signIn)
    return signIn
  }

  return {
    /** Undefined: nobody is signed in, the sign-in was revoked, or it cannot be said by which it was. Asked once in each request. */
    of(context: OidcContext): Promise<SignIn | undefined> {
      const signIn = found.get(context) ?? find(context)
      found.set(context, signIn)
      return signIn
    },
  }
}

export type SessionSignIns = ReturnType<typeof createSessionSignIns>
