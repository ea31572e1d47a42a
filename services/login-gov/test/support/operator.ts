// What QA staff do with the operator's token.

import type { App } from '@gatehouse/http/service'
import { OPERATOR_TOKEN } from './login-gov.ts'

type Method = 'GET' | 'PUT' | 'DELETE'

/** Asks the operator's API of the service. */
export function asOperator(app: App, token: string | undefined = OPERATOR_TOKEN) {
  return (method: Method, url: string, payload?: object) =>
    app.inject({
      method,
      url,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(payload ? { payload } : {}),
    })
}

export async function accountIdOf(app: App, email: string): Promise<string> {
  const answer = await asOperator(app)('GET', `/api/accounts?email=${encodeURIComponent(email)}`)
  return answer.json().account_id
}
