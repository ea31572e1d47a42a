// The audit trails of all services as one, newest first. Each service has its own order; here the heads of all lists are
// compared, so that a page costs one call for each service and nothing is shown twice.

import { AuditEntry, type AuditFilter, auditTrail } from '@gatehouse/contracts/audit'
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
export type TrailPosition = Partial<Record<ServiceName, { sequence: number; at: number }>>

/** Processes of one service may differ by so many milliseconds: entries are cut by number, and only fetched by time. */
const SLACK = 2_000
/** Pages that are read of one service for one page here, should most be entries of the same moment. */
const MOST_PAGES = 10

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
    const { page } = auditTrail(calls, service)
    const until = behind === undefined ? filter.until : Math.min(filter.until ?? Infinity, behind.at + SLACK)
    const found: AuditEntry[] = []
    let cursor: string | undefined
    for (let pages = 0; pages < MOST_PAGES && found.length <= limit; pages += 1) {
      const answer = await page({ ...filter, until, cursor, limit: limit + 1 })
      found.push(
        ...answer.events.filter(({ sequence }) => behind === undefined || sequence < behind.sequence),
      )
      cursor = answer.next
      if (cursor === undefined) break
    }
    return { entries: found, isMore: cursor !== undefined }
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
        next[newest.service] = { sequence: entry.sequence, at: entry.occurredAt }
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
