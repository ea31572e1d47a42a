import { createServiceCalls, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { ServiceName } from '@gatehouse/contracts/services'
import type { ServiceUnderTest } from './testing.ts'

/** Calls to a service under test as another makes them: by their contract, and with a token that sign-in would give. */
export function callsTo(
  // biome-ignore lint/suspicious/noExplicitAny: of whatever configuration
  { app, as, ground }: Pick<ServiceUnderTest<any>, 'app' | 'as' | 'ground'>,
  caller: ServiceName,
): ServiceCalls {
  return createServiceCalls({
    urls: ground.urls,
    tokens: {
      token: async (_service, scope) => (await as(caller, scope)).authorization.replace('Bearer ', ''),
      refused() {},
    },
    async fetch(address, { method = 'GET', headers, body } = {}) {
      const { pathname, search } = new URL(String(address))
      const answer = await app.inject({
        method: method as 'GET' | 'POST' | 'PUT' | 'DELETE',
        url: pathname + search,
        headers: headers as Record<string, string>,
        ...(typeof body === 'string' ? { payload: body } : {}),
      })
      const isEmpty = answer.statusCode === 204
      return new Response(isEmpty ? null : answer.body, { status: answer.statusCode })
    },
    requestId: () => undefined,
  })
}
