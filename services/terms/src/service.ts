import { defineService } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { createAttestations } from './attestations/attestations.ts'
import { addAttestationRoutes } from './attestations/routes.ts'
import { sqlAttestationStore } from './attestations/store.ts'
import { migrations } from './migrations.ts'
import { addTermsRoutes } from './terms-of-service/routes.ts'
import { sqlVersionStore } from './terms-of-service/store.ts'
import { termsOfService } from './terms-of-service/text.ts'
import { putInForce } from './terms-of-service/versions.ts'

export const service = defineService({
  name: 'terms',
  summary: 'The Terms of Service, and who attested to which version when',
  configuration: Type.Object({}),
  migrations,
  refusals: {
    terms_not_current: { status: 409, title: 'These are not the Terms of Service in force' },
  },
  async build(app, { database, audit }) {
    const inForce = await putInForce(termsOfService, sqlVersionStore(database))
    addTermsRoutes(app, inForce)
    addAttestationRoutes(app, createAttestations({ inForce, store: sqlAttestationStore(database), audit }))
  },
})
