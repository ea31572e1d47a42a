import { ConfigurationError } from '@gatehouse/http/configuration'
import { defineService } from '@gatehouse/http/service'
import { errorPage } from '@gatehouse/pages/error-page'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { seedPersonas } from '@gatehouse/provider/accounts/personas'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { sqlAuthenticators } from '@gatehouse/provider/authenticators/authenticators'
import { addCaching } from '@gatehouse/provider/browser/caching'
import { Type } from 'typebox'
import { migrations } from './migrations.ts'
import { SITE } from './site.ts'

export const service = defineService({
  name: 'id-me',
  summary: 'A mock of ID.me: sign-in with a password and a second factor, over OAuth 2.0 and OpenID Connect',
  configuration: Type.Object({
    CLIENTS_FILE: Type.String({ description: 'the relying services: a JSON array, fields as in the README' }),
    PERSONAS_FILE: Type.Optional(
      Type.String({ description: 'people who get an account at start, unless they have one' }),
    ),
    LIMITS: Type.Optional(
      Type.String({ description: 'JSON: other numbers for names of the table in src/limits.ts' }),
    ),
    FORM_ACTION_ORIGINS: Type.Optional(
      Type.String({
        description: 'origins, space separated, to which a relying service may redirect on at once',
      }),
    ),
  }),
  migrations,
  refusals: pageRefusals,
  errorPage: (problem) => errorPage(problem, SITE),
  async build(app, { configuration, publicUrl, database, secrets }) {
    // Whoever has the file of personas could sign in as any of them.
    if (configuration.PROFILE !== 'test')
      throw new ConfigurationError('this mock runs where PROFILE is test only')
    const accounts = createAccounts(sqlAccountStore(database, secrets))
    const authenticators = sqlAuthenticators(database, secrets)
    if (configuration.PERSONAS_FILE)
      await seedPersonas(configuration.PERSONAS_FILE, 'id.me', { accounts, authenticators })
    await registerPages(app, {
      service: 'id-me',
      publicUrl,
      cookieSecret: secrets.key('cookies').toString('base64url'),
    })
    addCaching(app)
  },
})
