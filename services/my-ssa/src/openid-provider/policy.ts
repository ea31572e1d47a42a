// When oidc-provider has to ask the person. Its own session decides nothing: who is signed in, and how, only our session
// says. So each authorization request goes through /interaction once, and is answered with what that found.

import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'

const { base, Check } = interactionPolicy

export function signInPolicy(): interactionPolicy.DefaultPolicy {
  const policy = base()
  const login = policy.get('login')
  login?.checks.clear()
  login?.checks.add(
    new Check('no_session', 'End-User authentication is required', 'login_required', async (ctx) => {
      // Without an account whoever signed in may not be let in any more.
      if (!ctx.oidc.result?.login || !ctx.oidc.account) return Check.REQUEST_PROMPT
      if (await isSomebodyElse(ctx)) throw new errors.LoginRequired('somebody else is signed in')
      return Check.NO_NEED_TO_PROMPT
    }),
  )
  // Nobody is asked what to tell: all that was requested is granted. `prompt=consent` is accepted and changes nothing.
  policy.get('consent')?.checks.clear()
  return policy
}

/** Whether `id_token_hint` names another person than the one who signed in (OpenID Connect Core §3.1.2.1). */
async function isSomebodyElse(ctx: KoaContextWithOIDC): Promise<boolean> {
  const { provider, params, client, account } = ctx.oidc
  const hint = params?.id_token_hint
  if (typeof hint !== 'string' || !client || !account) return false
  const { payload } = await provider.IdToken.validate(hint, client)
  const claims = new provider.Claims({ sub: account.accountId }, { ctx })
  const { sub } = await claims.scope('openid').result()
  return payload.sub !== sub
}

/** A grant of all that the request asks for, for this one request. */
export async function grantAll(ctx: KoaContextWithOIDC) {
  const { provider, client, account, result, requestParamOIDCScopes } = ctx.oidc
  if (!result?.login || !client || !account) return undefined
  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  grant.addOIDCScope([...requestParamOIDCScopes].join(' '))
  await grant.save()
  return grant
}
