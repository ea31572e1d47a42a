import { operatorOnly, operatorToken } from '@gatehouse/http/operator'
import { defineService } from '@gatehouse/http/service'
import { sqlAdapter } from '@gatehouse/openid-provider/adapter'
import { mountProvider } from '@gatehouse/openid-provider/mount'
import { errorPage } from '@gatehouse/pages/error-page'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { Type } from 'typebox'
import { createAccounts } from './accounts/accounts.ts'
import { readOffers } from './federation/offered-providers.ts'
import { readProviders } from './federation/providers-file.ts'
import { createRelyingParty } from './federation/relying-party.ts'
import { createFederation } from './federation/routes.ts'
import { migrations } from './migrations.ts'
import { relyingClientIds } from './openid-provider/clients.ts'
import { createProvider } from './openid-provider/provider.ts'
import { createSigningKeys } from './openid-provider/signing-keys.ts'
import { site } from './site.ts'
import { loggedOutPage, logoutPage } from './steps/logout-pages.ts'
import { externalSitesPage, helpPage, providerFailedPage } from './steps/provider-pages.ts'
import { addProviderSteps } from './steps/provider-steps.ts'
import { addSignInSteps } from './steps/sign-in-steps.ts'
import { addUserIdSteps } from './steps/user-id-steps.ts'

export const service = defineService({
  name: 'sign-in',
  summary: 'The OpenID provider of the suite: provider choice, terms, BSO User ID, tokens',
  configuration: Type.Object({
    PROVIDERS_FILE: Type.String({ minLength: 1, description: 'JSON: the identity providers to choose from' }),
    IDENTITY_PROVIDERS: Type.Optional(
      Type.String({
        description:
          'JSON from the client ids of the suite to arrays of the providers that they offer; default: the Ticket Portal my-ssa, the command line all, the others those offered to all',
      }),
    ),
    OPERATOR_TOKEN: Type.Optional(
      Type.String({
        minLength: 32,
        description: 'registers clients, rotates keys; default: made under DATA_DIR',
      }),
    ),
  }),
  migrations,
  refusals: {
    ...pageRefusals,
    sign_in_expired: { status: 400, title: 'This sign-in is over. Go back to the service and sign in again' },
    person_conflict: {
      status: 409,
      title: 'These details belong to somebody else. Call 1-800-772-6270 for help',
    },
    no_provider: { status: 503, title: 'No sign-in provider of this service is set up' },
    provider_not_offered: { status: 400, title: 'This service does not offer the provider' },
    provider_failed: { status: 502, title: 'The sign-in provider did not answer as it should. Try again' },
  },
  errorPage: (problem) =>
    typeof problem.again === 'string'
      ? providerFailedPage(problem.again, problem.requestId)
      : errorPage(problem, site),

  async build(app, ground) {
    const { configuration, database, secrets, publicUrl, urls, keyValue, calls, audit, log } = ground
    const profile = configuration.PROFILE
    await registerPages(app, {
      service: 'sign-in',
      publicUrl,
      cookieSecret: secrets.key('page cookies').toString('base64url'),
    })
    const operator = operatorToken('sign-in', configuration)

    const allowHttp = profile === 'test'
    const providers = await readProviders(configuration.PROVIDERS_FILE, { allowHttp })
    const offers = readOffers(configuration.IDENTITY_PROVIDERS, relyingClientIds(profile), providers)
    const relyingParties = providers.map((provider) =>
      createRelyingParty(provider, `${publicUrl}/federation/${provider.id}/callback`, {
        fetch: ground.fetch,
        allowHttp,
      }),
    )
    const federation = createFederation(relyingParties, keyValue, publicUrl.startsWith('https:'))
    const accounts = createAccounts(database, secrets.digest)

    const signingKeys = createSigningKeys(database, secrets)
    const adapter = sqlAdapter(database, secrets)
    const buildProvider = async () =>
      createProvider({
        publicUrl,
        urls,
        profile,
        keys: await signingKeys.load(),
        adapter,
        accounts,
        providers,
        offers,
        secrets,
        fetch: ground.fetch,
        initialAccessToken: operator,
        log,
        pages: { error: (problem) => errorPage(problem, site), logout: logoutPage, loggedOut: loggedOutPage },
      })
    let provider = await buildProvider()
    await mountProvider(app, () => provider, publicUrl)

    const steps = { provider: () => provider, federation, accounts, calls, keyValue, audit }
    addProviderSteps(app, steps)
    addSignInSteps(app, steps)
    addUserIdSteps(app, steps)
    app.get('/help', { schema: { hide: true } }, async (_request, reply) => reply.page(helpPage()))
    app.get('/external-sites', { schema: { hide: true } }, async (_request, reply) =>
      reply.page(externalSitesPage()),
    )
    app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect(urls.bso, 303))

    app.post(
      '/signing-keys/rotations',
      {
        onRequest: operatorOnly(operator),
        config: { csrf: false },
        schema: {
          response: { 201: Type.Object({ current: Type.Array(Type.String({ description: 'key id' })) }) },
        },
      },
      async (request, reply) => {
        const current = await signingKeys.rotate()
        provider = await buildProvider()
        await audit.record({
          event: 'signing-keys.rotated',
          outcome: 'success',
          actor: 'operator',
          requestId: request.id,
        })
        return reply.code(201).send({ current })
      },
    )
  },
})
