// What an access token is good for, once (fact sheet 4 and 5): userinfo as a signed JWT, and the older JSON form.

import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clients } from '../clients/client.ts'
import { type ClaimsSource, communityResult, personClaims } from './claims.ts'
import type { Grants } from './grants.ts'
import type { PersonTokens } from './person-token.ts'

export interface UserInfoRouteParts {
  clients: Clients
  grants: Grants
  accounts: Accounts
  authenticators: Authenticators
  personTokens: PersonTokens
  digestToken: (token: string) => string
}

/** A function by its name, or by a path of names: nothing that could do anything else (fact sheet 1, `callback`). */
const CALLBACK = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$/
const LONGEST_CALLBACK = 100

export function addUserInfoRoutes(app: App, parts: UserInfoRouteParts): void {
  const { clients, grants, accounts, authenticators, personTokens, digestToken } = parts

  /** Whom a token is about and for; nothing when it is not good any more. Does not use it. */
  async function sourceOf(digest: string): Promise<ClaimsSource | undefined> {
    const found = await grants.findByToken('access', digest)
    if (!found || found.isUsed) return undefined
    const { grant } = found
    const client = clients.find(grant.clientId)
    const asked = client?.policies.get(grant.policy)
    const account = await accounts.find(grant.accountId)
    if (!client?.active || !asked || !account || account.isSuspended) return undefined
    const hasSecondFactor = (await authenticators.of(account.id)).length > 0
    return { account, client, policy: asked.policy, grant, hasSecondFactor }
  }

  /** Builds an answer and only then uses the token for it. */
  async function answerOnce<Answer>(
    token: string | undefined,
    reply: FastifyReply,
    build: (source: ClaimsSource) => Answer | Promise<Answer>,
  ): Promise<Answer | { error: string; error_description: string }> {
    if (!token) return refuse(reply, 'invalid_request', 'an access token is needed')
    const digest = digestToken(token)
    const source = await sourceOf(digest)
    const answer = source && (await build(source))
    // A token that was used once stays used: that is all there is to its revocation.
    if (!answer || !(await grants.useAccessToken(digest)))
      return refuse(reply, 'invalid_token', 'the access token is not valid, has expired or was used')
    return answer
  }

  const userInfo = async (request: FastifyRequest, reply: FastifyReply) => {
    const answer = await answerOnce(bearerToken(request), reply, async (source) => {
      const token = await personTokens.sign(personClaims(source), source.client)
      return { token, encrypted: await personTokens.encrypt(token, source.client) }
    })
    if (!('token' in answer)) return answer
    const { token, encrypted } = answer
    return encrypted === undefined
      ? reply.type('application/jwt').send(token)
      : reply.type('application/json; charset=utf-8').send(JSON.stringify(encrypted))
  }
  app.get('/api/public/v3/userinfo', userInfo)
  app.get('/api/public/v3/userinfo.json', userInfo)

  const attributes = async (request: FastifyRequest, reply: FastifyReply) => {
    const query = new URLSearchParams(request.url.split('?').slice(1).join('?'))
    if (query.getAll('access_token').length > 1 || query.getAll('callback').length > 1)
      return refuse(reply, 'invalid_request', 'a parameter is there twice')
    const callback = query.get('callback') ?? undefined
    if (callback !== undefined && !(CALLBACK.test(callback) && callback.length <= LONGEST_CALLBACK))
      return refuse(reply, 'invalid_request', 'callback is not the name of a function')
    const answer = await answerOnce(query.get('access_token') ?? bearerToken(request), reply, communityResult)
    if (callback === undefined || !('status' in answer)) return answer
    // The comment in front keeps a name from being read as anything but one; other sites are meant to load this.
    return reply
      .type('application/javascript; charset=utf-8')
      .header('cross-origin-resource-policy', 'cross-origin')
      .send(`/**/${callback}(${scriptSafe(JSON.stringify(answer))});`)
  }
  for (const path of ['v3/attributes.json', 'v2/attributes.json', 'v2/data.json']) {
    app.get(`/api/public/${path}`, attributes)
  }
}

/** RFC 6750 §3.1; ID.me's own words are not known. */
function refuse(reply: FastifyReply, error: 'invalid_request' | 'invalid_token', description: string) {
  reply.code(error === 'invalid_request' ? 400 : 401)
  reply.header('www-authenticate', `Bearer error="${error}"`)
  return { error, error_description: description }
}

function bearerToken({ headers }: FastifyRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** JSON that is nothing but data inside a script as well. */
function scriptSafe(json: string): string {
  return json.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
