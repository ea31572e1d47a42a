import type { ServiceName } from '@gatehouse/contracts/services'
import type { ServiceDefinition } from '@gatehouse/http/service'
import type { TProperties } from 'typebox'

/** Loads the definition of each service. Only here does anything import services. */
export const serviceLoaders: Record<ServiceName, () => Promise<{ service: ServiceDefinition<TProperties> }>> =
  {
    'sign-in': () => import('@gatehouse/service-sign-in/service'),
    'login-gov': () => import('@gatehouse/service-login-gov/service'),
    'id-me': () => import('@gatehouse/service-id-me/service'),
    'my-ssa': () => import('@gatehouse/service-my-ssa/service'),
    'one-time-codes': () => import('@gatehouse/service-one-time-codes/service'),
    'upgrade-codes': () => import('@gatehouse/service-upgrade-codes/service'),
    terms: () => import('@gatehouse/service-terms/service'),
    'bso-user-ids': () => import('@gatehouse/service-bso-user-ids/service'),
    gateway: () => import('@gatehouse/service-gateway/service'),
    cbsv: () => import('@gatehouse/service-cbsv/service'),
    bso: () => import('@gatehouse/service-bso/service'),
    admin: () => import('@gatehouse/service-admin/service'),
    lab: () => import('@gatehouse/service-lab/service'),
    'ticket-portal': () => import('@gatehouse/service-ticket-portal/service'),
  }
