import { clockOffset, setClockOffset } from '@gatehouse/clock/shifted-date'
import { Type } from 'typebox'
import { Refusal } from './refusal.ts'
import type { App } from './service.ts'

/** Test profile only: `PUT /clock/offset` lets the lab move this process's clock, forwards. */
export function addClock(app: App): void {
  app.put(
    '/clock/offset',
    {
      onRequest: app.requireCaller('clock.write'),
      schema: {
        body: Type.Object({ offset: Type.Integer({ minimum: 0 }) }, { additionalProperties: false }),
        response: { 200: Type.Object({ offset: Type.Integer() }) },
      },
    },
    async (request) => {
      const { offset } = request.body
      if (offset < clockOffset()) throw new Refusal('invalid_request', 'the clock only moves forwards')
      setClockOffset(offset)
      return { offset: clockOffset() }
    },
  )
}
