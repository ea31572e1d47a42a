import { ProblemSchema } from '@gatehouse/contracts/problem'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { isCalendarDay } from '../calendar-day.ts'
import { clockPage, UNITS } from './pages.ts'
import { MAXIMUM_OFFSET, type SuiteClock } from './suite-clock.ts'

const INSTANT =
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2})$'

const Move = Type.Object(
  {
    now: Type.Optional(Type.String({ pattern: INSTANT, description: 'ISO 8601 with a zone' })),
    advanceSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: MAXIMUM_OFFSET / 1_000 })),
  },
  { additionalProperties: false, minProperties: 1, maxProperties: 1 },
)

const ClockReading = Type.Object({
  now: Type.String(),
  offset: Type.Integer({ description: "milliseconds ahead of the machine's clock" }),
})
const Outcome = Type.Object({
  ...ClockReading.properties,
  moved: Type.Array(Type.String({ description: 'the services that took the new time' })),
  failed: Type.Array(Type.String({ description: 'the services that did not answer' })),
})

const ClockForm = Type.Object({
  advanceSeconds: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
  amount: Type.Optional(Type.String({ maxLength: 20 })),
  unit: Type.Optional(Type.Union([Type.Literal('minutes'), Type.Literal('hours'), Type.Literal('days')])),
})

/** The services that did not answer, after a move; empty when all did. */
const ClockQuery = Type.Object({ unmoved: Type.Optional(Type.String({ maxLength: 200 })) })

export function addClockRoutes(app: App, clock: SuiteClock, publicUrl: string): void {
  const reading = () => {
    const { now, offset } = clock.read()
    return { now: new Date(now).toISOString(), offset }
  }

  async function move(body: { now?: string; advanceSeconds?: number }) {
    if (body.advanceSeconds !== undefined) return clock.advance(body.advanceSeconds * 1_000)
    const { now = '' } = body
    const instant = Date.parse(now)
    // A clock that went too far cannot go back.
    if (Number.isNaN(instant) || !isCalendarDay(now.slice(0, 10))) {
      const error = { field: 'body.now', rule: 'must be an instant in ISO 8601' }
      throw new Refusal('invalid_request', undefined, { errors: [error] })
    }
    return clock.moveTo(instant)
  }

  app.get(
    '/clock',
    {
      schema: { summary: "The suite's clock: JSON, or a page where a browser asks", querystring: ClockQuery },
    },
    async (request, reply) => {
      reply.header('vary', 'accept').header('cache-control', 'no-store')
      if (!request.headers.accept?.includes('text/html')) return reading()
      const { unmoved } = request.query
      if (unmoved === undefined) return show(reply, {})
      const names = unmoved.split(',')
      return show(reply, { unmoved: SERVICE_NAMES.filter((name) => names.includes(name)) })
    },
  )

  app.put(
    '/clock',
    {
      schema: {
        summary: 'Move the clock of every service, forwards only',
        body: Move,
        response: { 200: Outcome, '4xx': ProblemSchema },
      },
    },
    async (request) => {
      const outcome = await move(request.body)
      return { ...reading(), ...outcome }
    },
  )

  app.post('/clock', { schema: { hide: true, body: ClockForm } }, async (request, reply) => {
    const { advanceSeconds, amount = '', unit = 'minutes' } = request.body
    if (advanceSeconds === undefined && !/^\s*[0-9]{1,9}\s*$/.test(amount)) {
      return fix(reply, 'Enter a whole number, such as 30', amount, unit)
    }
    const seconds = advanceSeconds === undefined ? Number(amount) * UNITS[unit] : Number(advanceSeconds)
    try {
      const { failed } = await clock.advance(seconds * 1_000)
      // A redirect, so that reloading the page does not move the clock once more.
      return reply.redirect(`/clock?unmoved=${failed.join(',')}`, 303)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return fix(reply, "The clock stays within ten years of this machine's", amount, unit)
    }
  })

  const show = (reply: FastifyReply, more: Partial<Parameters<typeof clockPage>[0]>, status = 200) =>
    reply.page(clockPage({ clock: clock.read(), csrf: reply.csrfToken(), publicUrl, ...more }), { status })

  const fix = (reply: FastifyReply, message: string, amount: string, unit: string) =>
    show(reply, { errors: [{ field: 'amount', message }], amount, unit }, 422)
}
