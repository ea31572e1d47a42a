// The table of operations: each has its address and its role, and there is nothing that one can do but through it.

import type { ServiceCalls } from '@gatehouse/contracts/calls'
import type { ServiceName } from '@gatehouse/contracts/services'
import type { Cursors } from './access/cursors.ts'
import { actOperations } from './acts/operations.ts'
import type { Orders } from './acts/orders.ts'
import type { ActStore } from './acts/store.ts'
import type { Administrators } from './administrators/administrators.ts'
import { administratorOperations } from './administrators/operations.ts'
import { auditOperations } from './audit/operations.ts'
import { enrolmentOperations } from './enrolments/operations.ts'
import { peopleOperations } from './people/operations.ts'
import { relyingServiceOperations } from './relying-services/operations.ts'
import { revocationOperations } from './revocations/operations.ts'
import { termsOperations } from './terms/operations.ts'
import { userIdOperations } from './user-ids/operations.ts'

export interface OperationDependencies {
  calls: ServiceCalls
  administrators: Administrators
  orders: Orders
  store: ActStore
  cursors: Cursors
  /** Those that there are in this profile. */
  services: readonly ServiceName[]
}

export function createOperations(dependencies: OperationDependencies) {
  return {
    ...administratorOperations(dependencies),
    ...peopleOperations(dependencies),
    ...userIdOperations(dependencies),
    ...revocationOperations(dependencies),
    ...actOperations(dependencies),
    ...termsOperations(dependencies),
    ...relyingServiceOperations(dependencies),
    ...enrolmentOperations(dependencies),
    ...auditOperations(dependencies),
  }
}

export type Operations = ReturnType<typeof createOperations>
export type OperationId = keyof Operations
