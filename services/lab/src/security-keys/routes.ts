import { ProblemSchema } from '@gatehouse/contracts/problem'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { addressAt, NO_CONTROL_CHARACTERS, readAssertion, readRegistration, refuse } from './ceremonies.ts'
import { answerPage, securityKeysPage, type TouchPage, touchPage } from './pages.ts'
import { type Choice, type SecurityKeys, securityKeyRefusals, type Wanted } from './security-keys.ts'

const Address = Type.Optional(Type.String({ maxLength: 2_000 }))
const Name = Type.String({ maxLength: 60, pattern: NO_CONTROL_CHARACTERS })
const asked = {
  options: Type.Unknown({ description: "WebAuthn's options as JSON; from a form, its text" }),
  origin: Type.String({ maxLength: 300, description: "the provider's origin" }),
  answerTo: Type.Optional(
    Type.String({
      maxLength: 2_000,
      description: 'where a browser takes the answer: an address of the origin',
    }),
  ),
  cancel: Address,
  leadsTo: Type.Optional(
    Type.String({
      maxLength: 4_000,
      description: 'further origins to which answerTo may redirect, with blanks between',
    }),
  ),
  relay: Type.Optional(Type.String({ maxLength: 4_000, description: 'given back to answerTo as `_csrf`' })),
}
const Asked = Type.Object(
  {
    ...asked,
    // The form of a provider's page has one anyway: its token is what the answer must bring back.
    _csrf: Type.Optional(Type.String({ maxLength: 4_000 })),
    key: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 60,
        pattern: NO_CONTROL_CHARACTERS,
        description: "a key's name",
      }),
    ),
  },
  { additionalProperties: false },
)
const Touched = Type.Object(
  { ...asked, choice: Type.Optional(Type.String({ maxLength: 100 })) },
  { additionalProperties: false },
)
type Asked = Static<typeof Asked> & { choice?: string }

const MOST_ORIGINS = 20

/** One of the two things a key can be asked for, from the request to the answer. */
interface Ceremony {
  userName?: string
  choices(): Promise<Choice[]>
  answer(wanted: Wanted): Promise<unknown>
}

/** Whether the answer is wanted at once, by a program. A page of another origin can send that header too; its browser says so. */
function isProgram({ headers }: FastifyRequest): boolean {
  const isElsewhere = ['cross-site', 'same-site'].includes(String(headers['sec-fetch-site']))
  return (headers.accept?.includes('application/json') ?? false) && !isElsewhere
}

function originsIn(text: string): string[] {
  const addresses = text.split(/\s+/).filter(Boolean)
  const isOrigin = (address: string) => URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)
  if (addresses.length > MOST_ORIGINS || !addresses.every(isOrigin)) {
    refuse('leadsTo', `must be ${MOST_ORIGINS} http or https addresses at most`)
  }
  return addresses
}

export function addSecurityKeyRoutes(app: App, keys: SecurityKeys, urls: ServiceUrls): void {
  const providers = [urls['login-gov'], urls['id-me']].map((url) => new URL(url).origin)

  const ceremonies: Record<TouchPage['kind'], (body: Asked) => Ceremony> = {
    registrations(body) {
      const registration = readRegistration(body, providers)
      return {
        userName: registration.user.name,
        choices: () => keys.registrationChoices(registration),
        answer: (wanted) => keys.register(registration, wanted),
      }
    },
    assertions(body) {
      const assertion = readAssertion(body, providers)
      return {
        choices: () => keys.assertionChoices(assertion),
        answer: (wanted) => keys.assert(assertion, wanted),
      }
    },
  }

  async function ask(reply: FastifyReply, kind: TouchPage['kind'], body: Asked, error?: string) {
    const { origin, options, leadsTo = '', relay = body._csrf ?? '' } = body
    const ceremony = ceremonies[kind](body)
    const answerTo = addressAt(origin, body.answerTo ?? '', 'answerTo')
    const cancel = addressAt(origin, body.cancel ?? `${origin}/`, 'cancel')
    originsIn(leadsTo)
    const page = touchPage({
      kind,
      origin,
      userName: ceremony.userName,
      choices: await ceremony.choices(),
      fields: {
        options: typeof options === 'string' ? options : JSON.stringify(options),
        origin,
        answerTo,
        cancel,
        leadsTo,
        relay,
      },
      cancel,
      csrf: reply.csrfToken(),
      chosen: body.choice,
      error,
    })
    return reply.page(page, { status: error === undefined ? 200 : 422 })
  }

  for (const kind of ['registrations', 'assertions'] as const) {
    const what = kind === 'registrations' ? 'Register with a security key' : 'Sign in with a security key'
    app.post(
      `/security-keys/${kind}`,
      {
        // A provider's page sends people here. Nothing happens yet: they are asked to touch a key.
        config: { csrf: false },
        schema: {
          summary: `${what}: its answer for a program that accepts JSON, or a page that asks for a touch`,
          body: Asked,
          response: { 200: Type.Unknown(), '4xx': ProblemSchema },
        },
      },
      async (request, reply) => {
        reply.header('vary', 'accept').header('cache-control', 'no-store')
        if (!isProgram(request)) return ask(reply, kind, request.body)
        return ceremonies[kind](request.body).answer({ keyName: request.body.key })
      },
    )

    app.post(
      `/security-keys/${kind}/touches`,
      { schema: { hide: true, body: Touched } },
      async (request, reply) => {
        const { body } = request
        const { origin, leadsTo = '', relay = '' } = body
        const ceremony = ceremonies[kind](body)
        const answerTo = addressAt(origin, body.answerTo ?? '', 'answerTo')
        const destinations = [origin, ...Object.values(urls), ...originsIn(leadsTo)]
        try {
          const response = JSON.stringify(await ceremony.answer({ choice: body.choice }))
          return reply.page(answerPage({ origin, answerTo, relay, response }), { formAction: destinations })
        } catch (error) {
          const told = error instanceof Refusal ? securityKeyRefusals[error.code] : undefined
          if (!told) throw error
          return ask(reply, kind, body, told.title)
        }
      },
    )
  }

  app.get('/security-keys', { schema: { hide: true } }, async (_request, reply) =>
    reply.page(securityKeysPage({ keys: await keys.all(), csrf: reply.csrfToken() })),
  )

  app.post(
    '/security-keys',
    {
      schema: {
        hide: true,
        body: Type.Object({ name: Type.Optional(Name) }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const name = request.body.name?.trim() || undefined
      const all = await keys.all()
      const show = (error: string) =>
        reply.page(securityKeysPage({ keys: all, csrf: reply.csrfToken(), name, error }), { status: 422 })
      if (all.some((key) => key.name === name)) return show('A key has this name already')
      try {
        await keys.make(name)
        return reply.redirect('/security-keys', 303)
      } catch (error) {
        if (error instanceof Refusal && error.code === 'too_many_keys')
          return show(securityKeyRefusals.too_many_keys?.title ?? error.code)
        throw error
      }
    },
  )

  app.post(
    '/security-keys/:id/removal',
    { schema: { hide: true, params: Type.Object({ id: Type.String({ pattern: '^[0-9a-f-]{36}$' }) }) } },
    async (request, reply) => {
      await keys.remove(request.params.id)
      return reply.redirect('/security-keys', 303)
    },
  )
}
