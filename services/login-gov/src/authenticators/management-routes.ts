// The second factors of an account: the list, names, which phone comes first, removal of all but the last.

import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type {
  Authenticator,
  AuthenticatorKind,
  Authenticators,
} from '@gatehouse/provider/authenticators/authenticators'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { RememberedBrowsers } from '@gatehouse/provider/sessions/remembered-browsers'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { METHODS_PAGE } from '../account/frame.ts'
import type { Show } from '../browser/frame.ts'
import type { RecentAuthentication } from '../reauthentication/recent-authentication.ts'
import {
  isManagementNotice,
  type ManagementNotice,
  managementPage,
  managePage,
  SECTIONS,
} from './management-pages.ts'
import { Name, nameOr } from './name.ts'
import type { Kind, SetUp } from './set-up.ts'

const ManageForm = Type.Object(
  { name: Name, default: Type.Optional(Type.String({ maxLength: 10 })) },
  { additionalProperties: false },
)
const Params = Type.Object({ id: Type.String({ maxLength: 64 }) })

const KINDS: Partial<Record<AuthenticatorKind, Kind>> = {
  phone: 'phone',
  authenticator_app: 'totp',
  security_key: 'webauthn',
  platform_authenticator: 'webauthn_platform',
  certificate: 'piv_cac',
}

/** Longer than any removal takes. */
const REMOVAL_MS = 5_000

export interface ManagementParts {
  setUp: SetUp
  visits: Visits
  authenticators: Authenticators
  lookUpSecrets: LookUpSecrets
  rememberedBrowsers: RememberedBrowsers
  recent: RecentAuthentication
  keyValue: KeyValue
  show: Show
  /** How many of each kind an account may have. */
  most: Partial<Record<AuthenticatorKind, number>>
}

export function addManagementRoutes(app: App, parts: ManagementParts): void {
  const { setUp, visits, authenticators, lookUpSecrets, rememberedBrowsers, recent, keyValue, show } = parts
  const changing = { onRequest: recent.requireRecentAuthentication }

  async function toList(request: FastifyRequest, reply: FastifyReply, notice?: ManagementNotice) {
    if (notice) await visits.keep(request, reply, { notice: { kind: notice } })
    return reply.redirect(request.visit.language.base + METHODS_PAGE, request.method === 'GET' ? 302 : 303)
  }

  /** A personal key is not counted: who has nothing else is as good as locked out. */
  async function isLast(accountId: string): Promise<boolean> {
    const [own, codes] = await Promise.all([
      authenticators.of(accountId),
      lookUpSecrets.left(accountId, 'backup_code'),
    ])
    return own.length + (codes > 0 ? 1 : 0) <= 1
  }

  /** Removes unless it is the last; of several removals at once one is made, so that two cannot take the last two. */
  async function remove(accountId: string, removal: () => Promise<unknown>): Promise<boolean> {
    const lock = `authenticator-removal/${accountId}`
    if ((await keyValue.increment(lock, now() + REMOVAL_MS)) > 1) return false
    try {
      if (await isLast(accountId)) return false
      await removal()
      return true
    } finally {
      await keyValue.remove(lock)
    }
  }

  app.get(METHODS_PAGE, { onRequest: visits.requireSignIn }, async (request, reply) => {
    const { id, email } = await setUp.accountOf(request)
    const own = await authenticators.of(id)
    const full = (Object.keys(parts.most) as AuthenticatorKind[]).filter(
      (kind) => own.filter((one) => one.kind === kind).length >= (parts.most[kind] ?? 0),
    )
    const kind = request.visit.session?.notice?.kind
    const notice = isManagementNotice(kind) ? kind : undefined
    if (notice) await visits.keep(request, reply, { notice: null })
    const page = managementPage(await setUp.frame(request, reply), {
      email,
      authenticators: own,
      backupCodesLeft: await lookUpSecrets.left(id, 'backup_code'),
      full,
      ...(notice ? { notice } : {}),
    })
    return show(request, reply, page)
  })

  app.post('/forget_all_browsers', changing, async (request, reply) => {
    const { id } = await setUp.accountOf(request)
    await rememberedBrowsers.forget(id)
    return toList(request, reply, 'browsers_forgotten')
  })

  // A reauthentication comes back by GET to the address of the post.
  app.get('/forget_all_browsers', { onRequest: visits.requireSignIn }, async (request, reply) =>
    toList(request, reply),
  )

  for (const slug of new Set(SECTIONS.map(({ slug }) => slug).filter((slug) => slug !== 'backup_code'))) {
    const kinds = SECTIONS.filter((section) => section.slug === slug).map(({ kind }) => kind)
    const place = `/manage/${slug}`

    const found = async (accountId: string, id: string): Promise<Authenticator | undefined> => {
      // Not every database can be asked for any text.
      if (!/^[\w-]+$/.test(id)) return undefined
      const authenticator = await authenticators.find(accountId, id)
      return authenticator && kinds.includes(authenticator.kind) ? authenticator : undefined
    }

    async function page(
      request: FastifyRequest,
      reply: FastifyReply,
      authenticator: Authenticator,
      isRefused = false,
    ) {
      const built = managePage(await setUp.frame(request, reply), {
        authenticator,
        place: `${place}/${authenticator.id}`,
        isLast: isRefused || (await isLast(authenticator.accountId)),
        isRefused,
      })
      return show(request, reply, built)
    }

    app.get(`${place}/:id`, { ...changing, schema: { params: Params } }, async (request, reply) => {
      const { id: accountId } = await setUp.accountOf(request)
      const authenticator = await found(accountId, request.params.id)
      return authenticator ? page(request, reply, authenticator) : toList(request, reply)
    })

    app.post(
      `${place}/:id`,
      { ...changing, schema: { params: Params, body: ManageForm } },
      async (request, reply) => {
        const { id: accountId } = await setUp.accountOf(request)
        const authenticator = await found(accountId, request.params.id)
        if (!authenticator) return toList(request, reply)
        if (authenticator.kind === 'phone') {
          if (request.body.default) await authenticators.makeDefault(accountId, authenticator.id)
        } else {
          const name = nameOr(authenticator.name, request.body.name)
          await authenticators.rename(accountId, authenticator.id, name)
        }
        return toList(request, reply, 'authenticator_changed')
      },
    )

    app.get(`${place}/:id/removal`, { ...changing, schema: { params: Params } }, async (request, reply) =>
      reply.redirect(`${request.visit.language.base}${place}/${encodeURIComponent(request.params.id)}`),
    )

    app.post(`${place}/:id/removal`, { ...changing, schema: { params: Params } }, async (request, reply) => {
      const { id: accountId } = await setUp.accountOf(request)
      const authenticator = await found(accountId, request.params.id)
      if (!authenticator) return toList(request, reply)
      if (!(await remove(accountId, () => authenticators.remove(accountId, authenticator.id))))
        return page(request, reply, authenticator, true)
      await setUp.removed(request, KINDS[authenticator.kind] ?? 'phone')
      return toList(request, reply, 'authenticator_removed')
    })
  }

  const codes = '/manage/backup_code'

  async function codesPage(request: FastifyRequest, reply: FastifyReply, isRefused = false) {
    const { id } = await setUp.accountOf(request)
    if ((await lookUpSecrets.left(id, 'backup_code')) === 0) return toList(request, reply)
    const built = managePage(await setUp.frame(request, reply), {
      place: codes,
      isLast: isRefused || (await isLast(id)),
      isRefused,
    })
    return show(request, reply, built)
  }

  app.get(codes, changing, async (request, reply) => codesPage(request, reply))

  app.get(`${codes}/removal`, changing, async (request, reply) => toList(request, reply))

  app.post(`${codes}/removal`, changing, async (request, reply) => {
    const { id } = await setUp.accountOf(request)
    if (!(await remove(id, () => lookUpSecrets.remove(id, 'backup_code'))))
      return codesPage(request, reply, true)
    await setUp.removed(request, 'backup_code')
    return toList(request, reply, 'authenticator_removed')
  })
}
