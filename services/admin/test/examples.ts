// For tests: a request that each operation takes, by operationId.

import type { OperationId } from '../src/operations.ts'
import { ACCOUNT, EIN, USER_ID } from './owners.ts'

export const WHY = { reason: 'Asked for by the security desk' }

interface Example {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: Record<string, unknown>
}

const actId = { params: { actId: 'no-such-act' } }
const clientId = { params: { clientId: 'service' } }
const username = { params: { username: 'RuthTemplate79' } }
const ein = { params: { ein: EIN } }
const bsoUserId = { params: { bsoUserId: USER_ID } }
const text = {
  introduction: ['Read this.'],
  conditions: [{ text: 'Be good.' }],
  agreement: 'I agree',
}

export const examples: Record<OperationId, Example> = {
  whoAmI: {},
  listAdministrators: {},
  searchPeople: { body: { by: 'name', text: 'Maria' } },
  findPerson: { params: { accountId: ACCOUNT } },
  searchUserIds: { body: { by: 'user-id', text: 'ABCD' } },
  findUserId: bsoUserId,
  disableUserId: { ...bsoUserId, body: WHY },
  enableUserId: { ...bsoUserId, body: WHY },
  searchCompanies: { body: {} },
  findCompany: ein,
  listUserIdsOfCompany: ein,
  disableCompany: { ...ein, body: WHY },
  enableCompany: { ...ein, body: WHY },
  previewRevocation: { body: { kind: 'account', value: ACCOUNT } },
  revoke: { body: { target: { kind: 'account', value: ACCOUNT }, ...WHY } },
  listRevocations: {},
  findRevocation: { params: { revocationId: 'no-such-revocation' } },
  reinstateRevocation: { params: { revocationId: 'no-such-revocation' }, body: WHY },
  listActs: {},
  findAct: actId,
  retryAct: { ...actId, body: WHY },
  listApprovals: {},
  approve: { ...actId, body: WHY },
  refuse: { ...actId, body: WHY },
  withdraw: { ...actId, body: WHY },
  listTermsVersions: {},
  findTermsVersion: { params: { version: '2' } },
  previewTerms: { body: { text } },
  publishTerms: { body: { version: '3', text, ...WHY } },
  listAttestations: { params: { accountId: ACCOUNT } },
  listRelyingServices: {},
  findRelyingService: clientId,
  registerRelyingService: {
    body: {
      metadata: { client_name: 'A service', redirect_uris: ['https://service.example/callback'] },
      ...WHY,
    },
  },
  rotateSecret: { ...clientId, body: WHY },
  replaceKeys: { ...clientId, body: { jwks_uri: 'https://service.example/jwks', ...WHY } },
  removeRelyingService: { ...clientId, body: WHY },
  listSigningKeys: {},
  rotateSigningKeys: { body: WHY },
  listEnrolments: {},
  findEnrolment: username,
  enrol: { ...username, body: { organization: 'Example Network', kind: 'EN', ...WHY } },
  removeEnrolment: { ...username, body: WHY },
  searchAudit: {},
  verifyAudit: {},
}

/** The address of an example below `/api`. */
export function addressOf(path: string, { params = {}, query }: Example): string {
  const filled = path.replace(/\{(\w+)\}|:(\w+)/g, (_whole, one, other) =>
    encodeURIComponent(params[one ?? other] ?? ''),
  )
  return query ? `${filled}?${new URLSearchParams(query)}` : filled
}
