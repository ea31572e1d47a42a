// The person on whose behalf the gateway forwards a request, in the headers that it sets after checking the access
// token. They mean something only after `requireCaller` has let the gateway in.

import type { IncomingHttpHeaders } from 'node:http'
import { Refusal } from '@gatehouse/http/refusal'
import type { Requester } from './verifications/verifications.ts'

interface ForwardedRequest {
  headers: IncomingHttpHeaders
  id: string
}

/**
 * Reads who asks.
 *
 * @throws Refusal `no_company` when the sign-in brought no BSO User ID or no EIN: CBSV is for authorized employees of
 * enrolled companies, never for a person alone
 */
export function requester(request: ForwardedRequest): Requester {
  const ein = identifier(request, 'gatehouse-ein')
  const bsoUserId = identifier(request, 'gatehouse-bso-user-id')
  const clientId = identifier(request, 'gatehouse-client-id')
  if (ein === undefined || bsoUserId === undefined || clientId === undefined) throw new Refusal('no_company')
  return { ein, bsoUserId, clientId, requestId: request.id }
}

// A header that comes twice is joined with a comma, and then is no identifier any more.
function identifier(request: ForwardedRequest, header: string): string | undefined {
  const value = request.headers[header]
  return typeof value === 'string' && /^[\w.:-]{1,100}$/.test(value) ? value : undefined
}
