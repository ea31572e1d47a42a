import { labPost } from '@gatehouse/contracts/lab'
import { requestContext } from '@gatehouse/http/request-context'
import { defineService } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { createDigests } from './letters/codes.ts'
import { createLetters } from './letters/letters.ts'
import { addLetterRoutes } from './letters/routes.ts'
import { addSentLetterRoutes } from './letters/sent-letter-routes.ts'
import { sqlLetterStore } from './letters/store.ts'
import { createMailing } from './mailing/mailing.ts'
import { sqlMailingStore } from './mailing/store.ts'
import { addMailingTimer } from './mailing/timer.ts'
import { createWording } from './mailing/wording.ts'
import { migrations } from './migrations.ts'
import { letterPolicies } from './policies.ts'
import { createRedemptions } from './redemptions/redemptions.ts'
import { addRedemptionRoutes } from './redemptions/routes.ts'
import { sqlRedemptionStore } from './redemptions/store.ts'
import { createTrail } from './trail.ts'

export const service = defineService({
  name: 'upgrade-codes',
  summary: 'Codes that come by letter: print, mail, redeem, expire',
  configuration: Type.Object({
    LETTER_POLICIES: Type.Optional(
      Type.String({
        description:
          'JSON: calling service or `default`, to kinds of letter, to numbers that differ from src/policies.ts',
      }),
    ),
  }),
  migrations,
  refusals: {
    code_not_accepted: { status: 409, title: 'This code is not accepted' },
    locked_out: { status: 429, title: 'Too many tries: no code is accepted for a while' },
    too_many_letters: { status: 429, title: 'Too many letters: no other is mailed for a while' },
    letter_not_open: { status: 409, title: 'This letter is not open any more' },
  },
  async build(app, { configuration, urls, database, calls, secrets, audit, log }) {
    const policies = letterPolicies(configuration.LETTER_POLICIES)
    const digestOf = createDigests(secrets)
    const trail = createTrail(audit, () => requestContext.getStore()?.requestId)
    const mailing = createMailing({
      store: sqlMailingStore(database),
      post: labPost(calls),
      policies,
      secrets,
      digestOf,
      wording: createWording(urls),
      trail,
      log,
    })
    const letters = createLetters({ store: sqlLetterStore(database), mailing, policies, secrets, trail })
    addLetterRoutes(app, letters)
    addSentLetterRoutes(app, letters)
    addRedemptionRoutes(
      app,
      createRedemptions({ store: sqlRedemptionStore(database), policies, digestOf, trail }),
    )
    addMailingTimer(app, mailing)
  },
})
