const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads one JSON object from bytes and refuses what two parsers could read differently: bytes that are not UTF-8, a byte
 * order mark, and an object that names a member twice at any depth (RFC 7515 §4, RFC 7519 §4, RFC 8725 §2.4).
 *
 * @throws SyntaxError or TypeError; `DuplicateMember` for a member named twice
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> {
  const text = decoder.decode(bytes)
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SyntaxError('not a JSON object')
  }
  refuseDuplicateMembers(text)
  return value as Record<string, unknown>
}

export class DuplicateMember extends SyntaxError {}

/** `text` is valid JSON, so a string before a colon is a member's name, and the braces outside strings are balanced. */
function refuseDuplicateMembers(text: string): void {
  const open: Set<string>[] = []
  for (const [part, string, colon] of text.matchAll(/[{}]|("(?:[^"\\]|\\.)*")[ \t\n\r]*(:?)/g)) {
    if (part === '{') open.push(new Set())
    else if (part === '}') open.pop()
    else if (string && colon) {
      // `"\u0061ud"` is `"aud"`: names are compared as they are read, not as they are written.
      const name = JSON.parse(string) as string
      const names = open.at(-1)
      if (names?.has(name)) throw new DuplicateMember('a member is named twice')
      names?.add(name)
    }
  }
}
