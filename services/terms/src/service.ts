import { defineService } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { createAttestations } from './attestations/attestations.ts'
import { addAttestationRoutes } from './attestations/routes.ts'
import { sqlAttestationStore } from './attestations/store.ts'
import { migrations } from './migrations.ts'
import { createPublications } from './terms-of-service/publications.ts'
import { addTermsRoutes } from './terms-of-service/routes.ts'
import { sqlVersionStore } from './terms-of-service/store.ts'
import { termsOfService } from './terms-of-service/text.ts'
import { bringAlong, createVersions } from './terms-of-service/versions.ts'

export const service = defineService({
  name: 'terms',
  summary: 'The Terms of Service, and who attested to which version when',
  configuration: Type.Object({}),
  migrations,
  refusals: {
    terms_version_unknown: { status: 404, title: 'There is no such version of the Terms of Service' },
    terms_version_exists: { status: 409, title: 'A version of this name was published before' },
    terms_not_current: { status: 409, title: 'These are not the Terms of Service in force' },
  },
  async build(app, { database, audit }) {
    const store = sqlVersionStore(database)
    await bringAlong(termsOfService, store)
    const versions = createVersions(store)
    const attestations = sqlAttestationStore(database)
    addTermsRoutes(app, createPublications({ versions, store, attestations, audit }))
    addAttestationRoutes(app, createAttestations({ versions, store: attestations, audit }))
  },
})
