import ipaddr from 'ipaddr.js'

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])
/** All that is given out of IPv6 for the internet (RFC 4291 §2.4). */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3')

/**
 * Whether it leads into the internet: not to this machine, to a private network, to the metadata of a cloud or to anything
 * else with a use of its own (RFC 6890). An IPv4 address in an IPv6 one counts as itself.
 *
 * @param address IPv4 or IPv6; anything else leads nowhere
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6))
}

/** @param hostname as the URL standard writes it: IPv4 in four numbers, IPv6 in brackets */
function addressIn(hostname: string): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  return ipaddr.isValid(address) ? address : undefined
}

function isOfThisMachine(hostname: string): boolean {
  const address = addressIn(hostname)
  if (address) return ['loopback', 'unspecified', 'linkLocal'].includes(ipaddr.process(address).range())
  return /(^|\.)localhost\.?$/.test(hostname)
}

/**
 * Whether this service sends requests to an address that a relying service registered: `https:` and in the internet, or in
 * the test profile on this machine. Else a relying service could reach what listens in here for nobody else. Where a name
 * leads is known only when it is connected to: `receiver-connection.ts`.
 */
export function isReceiverAddress(value: unknown, profile: 'test' | 'live'): value is string {
  if (typeof value !== 'string' || value.length > 2048 || !URL.canParse(value)) return false
  const { protocol, hostname, username, password, hash } = new URL(value)
  if (username || password || hash) return false
  const isHere = isOfThisMachine(hostname)
  if (profile === 'test' && isHere) return protocol === 'http:' || protocol === 'https:'
  const address = addressIn(hostname)
  return protocol === 'https:' && !isHere && (address === undefined || isPublicAddress(address))
}

/** Whether it is on this machine. */
export function isOnThisMachine(url: string | URL): boolean {
  return LOOPBACK_HOSTS.has(new URL(url).hostname)
}
