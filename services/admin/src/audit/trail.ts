// The audit trails of all services as one, newest first. Each service has its own order; here the heads of all lists are
// compared, so that a page costs one call for each service and nothing is shown twice.

import { AuditEntry, type AuditFilter, auditTrail, cursorBehind } from '@gatehouse/contracts/audit'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { SERVICE_NAMES, type ServiceName } from '@gatehouse/contracts/services'
import { type Static, Type } from 'typebox'

export const EventOfService = Type.Object({
  service: Type.String(),
  ...AuditEntry.properties,
  actorName: Type.Optional(Type.String({ description: 'of an administrator' })),
})
export type EventOfService = Static<typeof EventOfService>

/** Where each service's list goes on: behind this entry. A service that is not named begins at its newest. */
export type TrailPosition = Partial<Record<ServiceName, { sequence: number }>>

export interface TrailPage {
  events: EventOfService[]
  unavailable: ServiceName[]
  /** Undefined: there is nothing more. */
  next: TrailPosition | undefined
}

export function createTrail(calls: ServiceCalls) {
  /** The next entries of one service, more than `limit` unless there are fewer. */
  async function entriesOf(
    service: ServiceName,
    filter: AuditFilter,
    limit: number,
    behind: TrailPosition[ServiceName],
  ): Promise<{ entries: AuditEntry[]; isMore: boolean }> {
    const cursor = behind === undefined ? undefined : cursorBehind(behind.sequence)
    const { events, next } = await auditTrail(calls, service).page({ ...filter, cursor, limit: limit + 1 })
    return { entries: events, isMore: next !== undefined }
  }

  return {
    /**
     * @param services whose trails
     * @param from where an earlier page ended
     */
    async page(
      services: readonly ServiceName[],
      filter: AuditFilter,
      limit: number,
      from: TrailPosition = {},
    ): Promise<TrailPage> {
      const unavailable: ServiceName[] = []
      const lists = await Promise.all(
        services.map(async (service) => {
          try {
            return { service, ...(await entriesOf(service, filter, limit, from[service])) }
          } catch (error) {
            if (!(error instanceof CallFailed || error instanceof CallRefused)) throw error
            unavailable.push(service)
            return { service, entries: [], isMore: false }
          }
        }),
      )
      const events: EventOfService[] = []
      const next: TrailPosition = { ...from }
      while (events.length < limit) {
        const heads = lists.filter(({ entries }) => entries.length > 0)
        const newest = heads.reduce<(typeof heads)[number] | undefined>(
          (best, list) =>
            best && (best.entries[0]?.occurredAt ?? 0) >= (list.entries[0]?.occurredAt ?? 0) ? best : list,
          undefined,
        )
        const entry = newest?.entries.shift()
        if (!newest || !entry) break
        events.push({ service: newest.service, ...entry })
        next[newest.service] = { sequence: entry.sequence }
      }
      const isMore = lists.some(({ entries, isMore: goesOn }) => goesOn || entries.length > 0)
      return { events, unavailable: unavailable.sort(), next: isMore ? next : undefined }
    },

    /** Has every service check its chain. */
    verify(services: readonly ServiceName[]) {
      return Promise.all(
        services.map(async (service) => {
          try {
            return { service, available: true, ...(await auditTrail(calls, service).verify()) }
          } catch (error) {
            if (!(error instanceof CallFailed || error instanceof CallRefused)) throw error
            return { service, available: false }
          }
        }),
      )
    },
  }
}

/** Those that there are. In the live profile the lab and the mock providers are not. */
export function servicesOf(profile: 'test' | 'live'): ServiceName[] {
  const ofTheTest: ServiceName[] = ['lab', 'login-gov', 'id-me', 'my-ssa']
  return SERVICE_NAMES.filter((name) => profile === 'test' || !ofTheTest.includes(name))
}
