// Connects to receivers of security events in the live profile. A name that was registered may lead elsewhere when it is
// looked up again (DNS rebinding), so each connection is made to an address that was looked at, and to no other.

import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, fetch as fetchBy } from 'undici'
import { isPublicAddress, isReceiverAddress } from './receiver-address.ts'

type Resolve = (
  hostname: string,
  options: { all: true; family?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface ReceiverConnections {
  /** Rejects for an address that is none of a receiver, before anything is sent. */
  fetch: typeof fetch
  close(): Promise<void>
}

/** A lookup for `net.connect` that finds those addresses alone that may be connected to. */
function guarded(resolve: Resolve, mayConnect: (address: string) => boolean): LookupFunction {
  return (hostname, { all, family }, callback) => {
    const which = family === 4 || family === 6 ? { family } : {}
    resolve(hostname, { all: true, ...which }, (error, found) => {
      if (error) return callback(error, '', 0)
      const addresses = found.filter(({ address }) => mayConnect(address))
      const [first] = addresses
      if (!first) return callback(new Error('the name leads to no address in the internet'), '', 0)
      if (all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

/**
 * @param resolve asks the system, but in tests
 * @param mayConnect whether an address may be connected to
 */
export function createReceiverConnections(
  resolve: Resolve = lookup,
  mayConnect: (address: string) => boolean = isPublicAddress,
): ReceiverConnections {
  const agent = new Agent({ connect: { lookup: guarded(resolve, mayConnect) } })
  return {
    // The library's own `fetch`: that of Node drives agents of the version that is built into it.
    fetch: (async (input: string | URL, init?: object) => {
      // An address in numbers is connected to without a look-up.
      if (!isReceiverAddress(String(input), 'live')) throw new Error('no address of a receiver')
      return fetchBy(input, { ...init, dispatcher: agent })
    }) as typeof fetch,
    close: () => agent.destroy(),
  }
}
