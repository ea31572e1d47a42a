import { randomUUID } from 'node:crypto'
import type { RevocationKind, RevocationRule } from '@gatehouse/contracts/revocations'
import { decodeJwt } from 'jose'
import type { SignInUnderTest } from './signing-in.ts'

/** The administrators' console in front of a sign-in under test, and a gateway's view of its rules. */
export function createConsole(suite: SignInUnderTest) {
  const { app, ground } = suite

  async function call(scope: string, method: 'GET' | 'POST', url: string, payload?: unknown) {
    return app.inject({
      method,
      url,
      headers: await suite.as('admin', scope),
      ...(payload === undefined ? {} : { payload: payload as object }),
    })
  }

  const order = (kind: RevocationKind, value: string, more: Record<string, unknown> = {}) => ({
    target: { kind, value },
    reason: 'reported by the help desk',
    by: 'administrator-1',
    lasting: false,
    reference: randomUUID(),
    ...more,
  })

  async function rules(): Promise<RevocationRule[]> {
    const rows = await ground.database.selectFrom('revocationRules').selectAll().orderBy('sequence').execute()
    return rows.map((row) => ({ ...row, matches: JSON.parse(row.matches) }) as unknown as RevocationRule)
  }

  /** Whether a gateway that knows all rules refuses this access token, by the words of the contract. */
  async function isRefused(accessToken: string): Promise<boolean> {
    const claims = decodeJwt(accessToken)
    const values: Record<string, unknown> = {
      session: claims.sid,
      token: claims.jti,
      grant: `${claims.client_id} ${claims.sid}`,
      bso_user_id: claims.bso_user_id,
      ein: claims.ein,
      client: claims.client_id,
      provider: claims.idp,
      everything: '*',
    }
    return (await rules()).some(
      ({ instant, matches }) =>
        Number(claims.iat) <= Math.floor(instant / 1_000) &&
        matches.some(({ by, value }) => values[by] === value),
    )
  }

  return {
    call,
    order,
    rules,
    isRefused,
    preview: (kind: RevocationKind, value: string) =>
      call('revocations.read', 'POST', '/revocations/previews', { kind, value }),
    revoke: (kind: RevocationKind, value: string, more: Record<string, unknown> = {}) =>
      call('revocations.write', 'POST', '/revocations', order(kind, value, more)),
    reinstate: (revocationId: string) =>
      call('revocations.write', 'POST', `/revocations/history/${revocationId}/reinstatements`, {
        by: 'administrator-2',
        reason: 'a mistake',
      }),
    async accountOf(accessToken: string): Promise<string> {
      const { accountId } = await ground.database
        .selectFrom('signIns')
        .select('accountId')
        .where('sessionUid', '=', decodeJwt(accessToken).sid)
        .executeTakeFirstOrThrow()
      return accountId
    },
  }
}

export type Console = ReturnType<typeof createConsole>
