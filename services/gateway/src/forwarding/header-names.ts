/**
 * The name under which a back end may read a header: CGI, WSGI, PHP and some proxies take `_`, `.` and `-` for one another, so
 * `Gatehouse_Subject` and `Gatehouse.Subject` may arrive as `gatehouse-subject` (CVE-2026-33433, CVE-2026-88011 of another gateway).
 * A CGI server may do so with any character that is neither letter nor digit, so all of them count as `-`.
 */
export function foldedName(name: string): string {
  const lower = name.toLowerCase()
  return lower.replace(/[^a-z\d-]/g, '-')
}

/** RFC 9110 §5.6.2: what a name may consist of. */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)
}

/** RFC 9110 §7.6.1, and those of HTTP/1.0 and proxies: they end at each connection. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** The names in `Connection`, which end at this connection too; lower-cased. */
export function connectionOptions(value: string): string[] {
  return value
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
}
