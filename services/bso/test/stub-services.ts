// The services of User IDs at bso-user-ids for these tests, as the contract has them; its codes can be read here.
import { now } from '@gatehouse/clock/clock'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { ServiceStanding } from '@gatehouse/contracts/service-activations'

export function stubServices() {
  const stub = {
    /** By `<EIN>/<User ID>`. */
    standings: new Map<string, ServiceStanding>(),
    /** What the newest letter says. */
    code: 'ABC2345',
    isDown: false,
    /** What every call but the list is refused with. */
    refusal: undefined as { status: number; code: string; [more: string]: unknown } | undefined,
    /** Refuses the list too. */
    refusesAll: false,
    /** Every call: method, path, body. */
    asked: [] as { method: string; path: string; scope: string; body: unknown }[],
    calls: { call } as ServiceCalls,
  }

  function refuse(status: number, code: string, more: object = {}): never {
    throw new CallRefused('bso-user-ids', { type: 'about:blank', title: code, status, code, ...more })
  }

  async function call(service: string, { scope, method, path, body }: Parameters<ServiceCalls['call']>[1]) {
    stub.asked.push({ method, path, scope, body })
    if (service !== 'bso-user-ids' || stub.isDown) throw new CallFailed('bso-user-ids', 'no answer')
    const [, ein, bsoUserId, what] =
      /^\/employers\/(\d+)\/user-ids\/(\w+)\/services(?:\/CBSV\/(\w+))?$/.exec(path) ?? []
    const key = `${ein}/${bsoUserId}`
    const standing = stub.standings.get(key) ?? { service: 'CBSV', state: 'none' }
    if (stub.refusal && (what || stub.refusesAll))
      refuse(stub.refusal.status, stub.refusal.code, stub.refusal)
    if (!what) return { services: [standing] }
    if (standing.state === 'active') refuse(409, 'service_active')
    const next =
      what === 'requests' ? request(standing, body as { insteadOf?: number }) : activate(standing, body)
    stub.standings.set(key, next)
    return next
  }

  function request({ state, requestedAt }: ServiceStanding, { insteadOf }: { insteadOf?: number }) {
    if (state === 'none' && insteadOf !== undefined) refuse(409, 'nothing_requested')
    if (requestedAt !== insteadOf) refuse(409, 'service_pending')
    const letter = { state: 'mailed' as const, mailedAt: now(), expiresOn: '2030-01-15' }
    const at = Math.max(now(), (insteadOf ?? 0) + 1)
    return { service: 'CBSV' as const, state: 'pending' as const, requestedAt: at, letter }
  }

  function activate({ state }: ServiceStanding, body: unknown) {
    if (state !== 'pending') refuse(409, 'nothing_requested')
    if ((body as { code: string }).code !== stub.code) refuse(409, 'code_not_accepted', { triesLeft: 4 })
    return { service: 'CBSV' as const, state: 'active' as const, activeSince: now() }
  }

  return stub
}
