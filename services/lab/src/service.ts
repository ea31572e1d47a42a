import { ConfigurationError } from '@gatehouse/http/configuration'
import { defineService } from '@gatehouse/http/service'
import { errorPage } from '@gatehouse/pages/error-page'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { Type } from 'typebox'
import { createApprovals } from './approvals/approvals.ts'
import { addApprovalRoutes, approvalRefusals } from './approvals/routes.ts'
import { sqlApprovalStore } from './approvals/store.ts'
import { createAuthenticatorApp } from './authenticator-app/authenticator-app.ts'
import { addAuthenticatorAppRoutes } from './authenticator-app/routes.ts'
import { sqlAccountStore } from './authenticator-app/store.ts'
import { createApplicationRequests } from './carrier/application-requests.ts'
import { createCalls } from './carrier/calls.ts'
import { addCarrierRoutes } from './carrier/routes.ts'
import { createTexts } from './carrier/texts.ts'
import { addClockRoutes } from './clock/routes.ts'
import { sqlOffsetStore } from './clock/store.ts'
import { createSuiteClock } from './clock/suite-clock.ts'
import { addMailRoutes } from './mail/routes.ts'
import { sqlMailStore } from './mail/store.ts'
import { migrations } from './migrations.ts'
import { createNews } from './news.ts'
import { readPersonas } from './personas/personas.ts'
import { addPersonaRoutes } from './personas/routes.ts'
import { addPhoneRoutes } from './phones/routes.ts'
import { sqlMessageStore } from './phones/store.ts'
import { createPostman } from './post/postman.ts'
import { postRefusals } from './post/returns.ts'
import { addPostRoutes } from './post/routes.ts'
import { sqlLetterStore } from './post/store.ts'
import { addSecurityKeyRoutes } from './security-keys/routes.ts'
import { createSecurityKeys, securityKeyRefusals } from './security-keys/security-keys.ts'
import { sqlSecurityKeyStore } from './security-keys/store.ts'
import { assets, site } from './site.ts'
import { addWelcome } from './welcome.ts'

export const service = defineService({
  name: 'lab',
  summary:
    'The QA desk: the simulated carrier and its phones, mail, post, the personas and the clock of the test profile',
  configuration: Type.Object({
    LAB_ACCOUNT_SID: Type.String({
      pattern: '^AC[0-9a-f]{32}$',
      description: "the account with which the suite calls the lab's carrier",
    }),
    LAB_AUTH_TOKEN: Type.String({ minLength: 32, description: "that account's secret; signs callbacks too" }),
    PERSONAS_FILE: Type.Optional(Type.String({ description: 'the personas with their passwords' })),
  }),
  migrations,
  refusals: {
    ...pageRefusals,
    ...approvalRefusals,
    ...securityKeyRefusals,
    ...postRefusals,
    call_ended: { status: 409, title: 'Nobody is on the line any more' },
  },
  errorPage: (problem) => errorPage(problem, site),
  async build(app, { configuration, database, secrets, publicUrl, urls, calls: services, fetch, log }) {
    // Whoever reaches the lab reads every code and moves every clock.
    if (configuration.PROFILE !== 'test')
      throw new ConfigurationError('PROFILE must be test: the lab never runs live')
    const { LAB_ACCOUNT_SID: accountSid, LAB_AUTH_TOKEN: authToken } = configuration
    const store = sqlMessageStore(database)
    const approvals = sqlApprovalStore(database)
    const authenticatorApp = createAuthenticatorApp(sqlAccountStore(database, secrets))
    const clock = await createSuiteClock(sqlOffsetStore(database), services)
    const personas = readPersonas(configuration.PERSONAS_FILE)
    const news = createNews()
    const requests = createApplicationRequests({
      authToken,
      fetch,
      closing: news.closing,
      onFailure: (what, attempt) => log.info({ what, attempt }, 'the application did not take it'),
    })
    const onTrouble = (error: unknown) => {
      if (!news.closing.aborted) log.error({ err: error }, 'delivery broke off')
    }
    const texts = createTexts({ accountSid, store, news, requests, onTrouble })
    const calls = createCalls({ accountSid, store, news, requests, onTrouble })
    const letters = sqlLetterStore(database)
    const postman = await createPostman({ store: letters, news, onTrouble })

    await registerPages(app, {
      service: 'lab',
      publicUrl,
      cookieSecret: secrets.key('cookies').toString('base64url'),
      assets,
    })
    addCarrierRoutes(app, { accountSid, authToken, store, texts, calls })
    addApprovalRoutes(app, { approvals: createApprovals(approvals, news), store: approvals, news })
    addMailRoutes(app, { store: sqlMailStore(database), news, personas })
    addPostRoutes(app, { store: letters, postman, news, personas, calls: services })
    addPhoneRoutes(app, { store, approvals, authenticatorApp, news, calls, personas })
    addAuthenticatorAppRoutes(app, authenticatorApp)
    addSecurityKeyRoutes(app, createSecurityKeys(sqlSecurityKeyStore(database, secrets)), urls)
    addClockRoutes(app, clock, publicUrl)
    addPersonaRoutes(app, personas)
    addWelcome(app, publicUrl)

    app.addHook('onListen', async () => {
      for (const message of await store.unfinished()) {
        if (message.channel === 'text') texts.resume(message)
        else calls.resume(message)
      }
      await afterRestart()
    })
    // Before the server stops: it would wait for whoever waits.
    app.addHook('preClose', async () => {
      news.close()
      await Promise.all([texts.settled(), calls.settled(), postman.close()])
    })

    /** Services that restarted with the lab start at the machine's time again, unless they are told. */
    async function afterRestart(): Promise<void> {
      if (clock.read().offset === 0) return
      const { failed } = await clock.spread()
      if (failed.length > 0) log.warn({ failed }, 'some services did not take the clock')
    }
  },
})
