// Applications for an account, from the first page to the last. What is in one is sealed, belongs to whoever has its id, and
// is forgotten some time after the last step.

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Address } from '../identity/address.ts'
import type { Details } from '../identity/details.ts'

export interface Application {
  /** Milliseconds: when the penalties were acknowledged. */
  acknowledgedAt: number
  /** Confirmed against what is on record. */
  details?: Details
  address?: Address
  /** In lower case. */
  email?: string
  /** Milliseconds: when the link in the e-mail was used. */
  emailConfirmedAt?: number
}

/** An application with everything that an account needs beside username and password. */
export type ConfirmedApplication = Required<Application>

export interface Applications {
  begin(): Promise<string>
  find(id: string | undefined): Promise<Application | undefined>
  keep(id: string, application: Application): Promise<void>
  /**
   * Notes that the address is confirmed and gives the application another id, so that only the browser that has opened the
   * mailbox goes on with it, whoever began it.
   *
   * @returns the new id
   */
  confirm(id: string, application: Application): Promise<string>
  end(id: string): Promise<void>
}

const PURPOSE = 'application for an account'

/** @param lifetimeMs milliseconds from one step to the next */
export function createApplications(
  keyValue: KeyValue,
  secrets: Pick<Secrets, 'seal' | 'unseal' | 'digest'>,
  lifetimeMs: number,
): Applications {
  const keyOf = (id: string) => `application/${secrets.digest(PURPOSE, id)}`
  const newId = () => randomBytes(16).toString('base64url')

  const keep = (id: string, application: Application) =>
    keyValue.put(keyOf(id), secrets.seal(PURPOSE, JSON.stringify(application)), now() + lifetimeMs)

  return {
    async begin() {
      const id = newId()
      await keep(id, { acknowledgedAt: now() })
      return id
    },
    async find(id) {
      const sealed = id === undefined ? undefined : await keyValue.get<string>(keyOf(id))
      return sealed === undefined ? undefined : JSON.parse(secrets.unseal(PURPOSE, sealed))
    },
    keep,
    async confirm(id, application) {
      const confirmedId = newId()
      await keep(confirmedId, { ...application, emailConfirmedAt: now() })
      await keyValue.remove(keyOf(id))
      return confirmedId
    },
    end: (id) => keyValue.remove(keyOf(id)),
  }
}

export function isConfirmed(application: Application | undefined): application is ConfirmedApplication {
  const { details, address, email, emailConfirmedAt } = application ?? {}
  return (
    details !== undefined && address !== undefined && email !== undefined && emailConfirmedAt !== undefined
  )
}
