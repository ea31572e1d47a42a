import { requestContext } from '@gatehouse/http/request-context'
import { defineService } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { createChallenges } from './challenges/challenges.ts'
import { createCodes } from './challenges/codes.ts'
import { createPhoneNumberRule } from './challenges/phone-numbers.ts'
import { addChallengeRoutes } from './challenges/routes.ts'
import { createSender } from './challenges/sending.ts'
import { addSentCodeRoutes } from './challenges/sent-code-routes.ts'
import { sqlSentCodes } from './challenges/sent-codes.ts'
import { sqlChallengeStore } from './challenges/store.ts'
import { createCarrier } from './deliveries/carrier.ts'
import { CarrierConfiguration, carrierAccount } from './deliveries/carrier-account.ts'
import { addDeliveryRoutes } from './deliveries/routes.ts'
import { sqlDeliveryStore } from './deliveries/store.ts'
import { addTriesRoutes } from './lock-outs/routes.ts'
import { sqlLockOutStore } from './lock-outs/store.ts'
import { createOwnerTries } from './lock-outs/tries.ts'
import { migrations } from './migrations.ts'
import { codePolicies } from './policies.ts'
import { createTrail } from './trail.ts'

export const service = defineService({
  name: 'one-time-codes',
  summary: 'Codes by text and by call: issue, resend, verify; one lock-out for all methods of an owner',
  configuration: Type.Object({
    ...CarrierConfiguration,
    CODE_POLICIES: Type.Optional(
      Type.String({
        description: 'JSON: calling service or `default`, to numbers that differ from src/policies.ts',
      }),
    ),
  }),
  migrations,
  refusals: {
    code_not_accepted: { status: 409, title: 'This code is not accepted' },
    locked_out: { status: 429, title: 'Too many tries: no code is accepted for a while' },
    overtaken: { status: 409, title: 'A newer request for a code overtook this one' },
    resend_too_soon: { status: 429, title: 'It is too soon for another code' },
    phone_number_not_usable: { status: 422, title: 'No code can be sent to this phone number' },
    delivery_failed: { status: 502, title: 'The code could not be sent' },
    signature_not_valid: { status: 403, title: 'The signature is missing or not valid' },
  },
  async build(app, { configuration, urls, publicUrl, database, keyValue, secrets, audit, log }) {
    const account = carrierAccount(configuration, urls)
    const codeOf = createCodes(secrets)
    const store = sqlChallengeStore(database)
    const deliveries = sqlDeliveryStore(database)
    const lockOuts = sqlLockOutStore(database)
    const policies = codePolicies(configuration.CODE_POLICIES)
    const trail = createTrail(audit, () => requestContext.getStore()?.requestId)
    const challenges = createChallenges({
      store,
      deliveries,
      lockOuts,
      keyValue,
      secrets,
      policies,
      codeOf,
      isUsable: createPhoneNumberRule({ throughLab: account.labUrl !== undefined }),
      sender: createSender({
        carrier: createCarrier(account),
        challenges: store,
        deliveries,
        codeOf,
        publicUrl,
        log,
      }),
      trail,
    })
    addChallengeRoutes(app, challenges)
    addSentCodeRoutes(app, sqlSentCodes(database))
    addTriesRoutes(app, createOwnerTries({ lockOuts, policies, trail }))
    await addDeliveryRoutes(app, { store: deliveries, codeOf, publicUrl, authToken: account.authToken })
  },
})
