const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether this service sends requests to an address that a relying service registered: `https:`, and in the test profile
 * this machine too. In the live profile that would let a relying service reach what listens here for nobody else.
 */
export function isReceiverAddress(value: unknown, profile: 'test' | 'live'): value is string {
  if (typeof value !== 'string' || value.length > 2048 || !URL.canParse(value)) return false
  const { protocol, hostname, username, password, hash } = new URL(value)
  if (username || password || hash) return false
  const isHere = LOOPBACK_HOSTS.has(hostname) || hostname.endsWith('.localhost')
  if (profile === 'test' && isHere) return protocol === 'http:' || protocol === 'https:'
  return protocol === 'https:' && !isHere
}

/** Whether it is on this machine. */
export function isOnThisMachine(url: string | URL): boolean {
  return LOOPBACK_HOSTS.has(new URL(url).hostname)
}
