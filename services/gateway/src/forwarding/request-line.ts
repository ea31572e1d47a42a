// Requests that two programs may read differently end here, before routing means anything: what the gateway checks must be what
// the upstream serves (ASVS 4.2.1, 4.2.2; RFC 9112 §3.2, §6.1, §11.2). Node's parser refuses some of them already at the socket.

const SEGMENTS = /^(?:\/[\w\-.~!$&'()*+,=:@%]+)*\/?$/
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/
/** Dots, slashes, backslashes, semicolons, percent signs and control characters in disguise; escapes that are none. */
const REFUSED_ESCAPE = /%(?:2[ef5]|5c|3b|[01][0-9a-f]|7f|(?![0-9a-f]{2}))/i
/** RFC 3986 §3.4, and the few that browsers leave as they are. */
const QUERY = /^[\w\-.~!$&'()*+,;=:@%/?[\]|^`{}"]*$/

/** Why a request target cannot be forwarded, for the log; undefined when its path has one reading only. */
export function targetFault(target: string): string | undefined {
  // Absolute form, authority form and `*` are for proxies that clients know of (RFC 9112 §3.2).
  if (target.charCodeAt(0) !== 0x2f) return 'not_origin_form'
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  if (!SEGMENTS.test(path)) return 'path_characters'
  if (DOT_SEGMENT.test(path)) return 'dot_segment'
  if (path.includes('%')) {
    if (REFUSED_ESCAPE.test(path)) return 'path_escape'
    try {
      decodeURIComponent(path)
    } catch {
      return 'path_escape'
    }
  }
  if (mark !== -1 && !QUERY.test(target.slice(mark + 1))) return 'query_characters'
  return undefined
}

interface Framed {
  rawHeaders: string[]
  method?: string | undefined
  httpVersion?: string
}

/** Why the length of a request's body, or whom it is for, is open to interpretation; for the log. */
export function framingFault({ rawHeaders, method, httpVersion = '1.1' }: Framed): string | undefined {
  // Node also reads HTTP/0.9 and a 2.0 written out in text.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'version'
  let length: string | undefined
  let coding: string | undefined
  let hosts = 0
  let types = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    const value = rawHeaders[index + 1] as string
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === 'host') hosts++
        break
      case 12:
        if (name.toLowerCase() === 'content-type') types++
        break
      case 14:
        if (name.toLowerCase() !== 'content-length') break
        if (length !== undefined) return 'two_lengths'
        length = value
        break
      case 17:
        if (name.toLowerCase() !== 'transfer-encoding') break
        if (coding !== undefined) return 'two_transfer_encodings'
        coding = value
        break
    }
  }
  if (hosts !== 1) return 'host'
  if (types > 1) return 'two_content_types'
  if (length !== undefined && coding !== undefined) return 'length_and_transfer_encoding'
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return 'length'
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion === '1.0'))
    return 'transfer_encoding'
  const hasBody = coding !== undefined || (length !== undefined && Number(length) > 0)
  // RFC 9110 §9.3.1: nothing gives such a body a meaning, and programs differ in whether they read it.
  if (hasBody && (method === 'GET' || method === 'HEAD')) return 'unexpected_body'
  return undefined
}
