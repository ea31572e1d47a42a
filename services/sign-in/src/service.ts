import { operatorToken } from '@gatehouse/http/operator'
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
import { relyingClientIds, staticClients } from './openid-provider/clients.ts'
import { createEndedAccess } from './openid-provider/ended-access.ts'
import { followSigningKeys, keyRefusals } from './openid-provider/key-rotation.ts'
import { createProvider } from './openid-provider/provider.ts'
import { createSigningKeys } from './openid-provider/signing-keys.ts'
import { addPeopleRoutes, peopleRefusals } from './people/routes.ts'
import { createSsnEndings } from './people/ssn-endings.ts'
import { withAuditedRegistration } from './relying-services/registration.ts'
import { createRelyingServices } from './relying-services/relying-services.ts'
import { addRelyingServiceRoutes, relyingServiceRefusals } from './relying-services/routes.ts'
import { sqlRegisteredClients } from './relying-services/store.ts'
import { openBroadcast } from './revocation-stream/broadcast.ts'
import { addRevocationStreamRoutes } from './revocation-stream/routes.ts'
import { createRuleLog } from './revocation-stream/rule-log.ts'
import { createRevocations } from './revocations/revocations.ts'
import { addRevocationRoutes, revocationRefusals } from './revocations/routes.ts'
import { addSharedSignals } from './shared-signals/shared-signals.ts'
import { streamRefusals } from './shared-signals/streams.ts'
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
    REDIS_URL: Type.Optional(
      Type.String({
        pattern: '^rediss?://',
        description:
          'where several processes of sign-in tell each other of revocations at once; default: none',
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
    ...revocationRefusals,
    ...streamRefusals,
    ...peopleRefusals,
    ...relyingServiceRefusals,
    ...keyRefusals,
    access_ended: {
      status: 403,
      title: 'Your access has been ended. Call 1-800-772-6270 for help',
    },
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
    const ssnEndings = createSsnEndings(database, secrets)

    const broadcast = await openBroadcast(configuration.REDIS_URL, log)
    app.addHook('onClose', () => broadcast.close())
    const ruleLog = await createRuleLog({ database, broadcast, log })
    app.addHook('preClose', async () => ruleLog.close())
    addRevocationStreamRoutes(app, ruleLog)

    const ownClients = staticClients(
      urls,
      profile,
      offers,
      providers.map(({ id }) => id),
    )
    const revocations = createRevocations({
      database,
      ruleLog,
      directory: {
        async clientName(clientId) {
          const own = ownClients.find(({ client_id }) => client_id === clientId)
          const client = own ?? (await adapter('Client').find(clientId))
          return client ? String(client.client_name ?? clientId) : undefined
        },
        providerName: (idp) => providers.find(({ id }) => id === idp)?.name,
      },
      audit,
      log,
    })
    addRevocationRoutes(app, revocations, operator)
    app.addHook('onReady', () => revocations.start())
    app.addHook('preClose', () => revocations.close())

    const signingKeys = createSigningKeys(database, secrets, audit)
    const { reused } = createEndedAccess(accounts, revocations)
    const registeredClients = sqlRegisteredClients(database, secrets, audit)
    const adapter = withAuditedRegistration(sqlAdapter(database, secrets, { reused }), registeredClients)
    const buildProvider = async () =>
      createProvider({
        publicUrl,
        urls,
        profile,
        keys: await signingKeys.load(),
        adapter,
        accounts,
        revocations,
        providers,
        offers,
        secrets,
        fetch: ground.fetch,
        initialAccessToken: operator,
        log,
        pages: { error: (problem) => errorPage(problem, site), logout: logoutPage, loggedOut: loggedOutPage },
      })
    const provider = await followSigningKeys(app, { signingKeys, build: buildProvider, operator, audit })
    await mountProvider(app, provider, publicUrl, [
      ['POST', '/revocation'],
      ['POST', '/introspection'],
    ])

    addSharedSignals(app, {
      publicUrl,
      urls,
      profile,
      database,
      secrets,
      fetch: ground.fetch,
      provider,
      signingKeys,
      relyingParties,
      revocations,
      audit,
      log,
    })

    const steps = { provider, federation, accounts, ssnEndings, calls, keyValue, audit, revocations }
    addPeopleRoutes(app, { database, endings: ssnEndings, revocations })
    const relyingServices = createRelyingServices({
      provider,
      clients: registeredClients,
      suite: ownClients.filter(({ client_id }) => relyingClientIds(profile).includes(client_id)),
      providerIds: providers.map(({ id }) => id),
    })
    addRelyingServiceRoutes(app, relyingServices, audit)

    addProviderSteps(app, steps)
    addSignInSteps(app, steps)
    addUserIdSteps(app, steps)
    app.get('/help', { schema: { hide: true } }, async (_request, reply) => reply.page(helpPage()))
    app.get('/external-sites', { schema: { hide: true } }, async (_request, reply) =>
      reply.page(externalSitesPage()),
    )
    app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect(urls.bso, 303))
  },
})
