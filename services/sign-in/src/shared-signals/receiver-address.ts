import { BlockList, isIP } from 'node:net'

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Addresses by which a machine reaches itself, or what serves it alone, such as the metadata of a cloud. */
const OF_THIS_MACHINE = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
] as const) {
  OF_THIS_MACHINE.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
] as const) {
  OF_THIS_MACHINE.addSubnet(network, prefix, 'ipv6')
}

/** @param hostname as the URL standard writes it: IPv4 in four numbers, IPv6 in brackets */
function leadsHere(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '')
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  const address = name.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(address)
  return family !== 0 && OF_THIS_MACHINE.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/**
 * Whether this service sends requests to an address that a relying service registered: `https:`, and in the test profile
 * this machine too. In the live profile that would let a relying service reach what listens here for nobody else.
 */
export function isReceiverAddress(value: unknown, profile: 'test' | 'live'): value is string {
  if (typeof value !== 'string' || value.length > 2048 || !URL.canParse(value)) return false
  const { protocol, hostname, username, password, hash } = new URL(value)
  if (username || password || hash) return false
  const isHere = leadsHere(hostname)
  if (profile === 'test' && isHere) return protocol === 'http:' || protocol === 'https:'
  return protocol === 'https:' && !isHere
}

/** Whether it is on this machine. */
export function isOnThisMachine(url: string | URL): boolean {
  return LOOPBACK_HOSTS.has(new URL(url).hostname)
}
