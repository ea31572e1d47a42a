/** The services of the suite and their default ports. The order is the order in which the launcher names them. */
export const SERVICE_PORTS = {
  'sign-in': 4000,
  'login-gov': 4001,
  'id-me': 4002,
  'my-ssa': 4003,
  'one-time-codes': 4004,
  'upgrade-codes': 4005,
  terms: 4006,
  'bso-user-ids': 4007,
  gateway: 4008,
  cbsv: 4009,
  bso: 4010,
  admin: 4011,
  lab: 4012,
  'ticket-portal': 4013,
} as const

export type ServiceName = keyof typeof SERVICE_PORTS
export const SERVICE_NAMES = Object.keys(SERVICE_PORTS) as ServiceName[]

/** `one-time-codes` becomes `ONE_TIME_CODES_URL`. */
export function urlVariable(service: ServiceName, kind: 'URL' | 'INTERNAL_URL' = 'URL'): string {
  return `${service.toUpperCase().replaceAll('-', '_')}_${kind}`
}

export type ServiceUrls = Record<ServiceName, string>
