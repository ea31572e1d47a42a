import { now } from '@gatehouse/clock/clock'
import { defineService } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { migrations } from './migrations.ts'
import { loadNumident } from './number-holders/numident-file.ts'
import { sqlNumberHolderStore } from './number-holders/store.ts'
import { addKeptVerificationRoutes } from './verifications/kept-verifications.ts'
import { ENTRY_WINDOW } from './verifications/misuse.ts'
import { addVerificationRoutes } from './verifications/routes.ts'
import { sqlVerificationStore } from './verifications/store.ts'
import { createVerifications } from './verifications/verifications.ts'

export const service = defineService({
  name: 'cbsv',
  summary: 'Consent Based SSN Verification: online requests',
  configuration: Type.Object({
    NUMIDENT_FILE: Type.String({
      description:
        'the number holders to verify against, one JSON object a line, as infra/numident writes them',
    }),
  }),
  migrations,
  refusals: {
    no_company: { status: 403, title: 'CBSV needs a sign-in with a BSO User ID and an EIN' },
    field_rules: { status: 400, title: 'Some fields break a rule' },
    // Not 429: waiting and sending the same again is what the alert warns of, and other data may be sent at once.
    potential_misuse: { status: 422, title: 'Potential Misuse Alert' },
  },
  async build(app, { configuration, database, secrets, audit, log }) {
    const numberHolders = sqlNumberHolderStore(database)
    const { loaded, count } = await loadNumident(configuration.NUMIDENT_FILE, numberHolders)
    log.info({ loaded, count }, 'number holders')

    const store = sqlVerificationStore(database)
    await store.forgetEntries(now() - ENTRY_WINDOW)
    const digest = (text: string) => secrets.digest('entered elements', text)
    addVerificationRoutes(app, createVerifications({ numberHolders, store, audit, digest }))
    addKeptVerificationRoutes(app, database)
  },
})
