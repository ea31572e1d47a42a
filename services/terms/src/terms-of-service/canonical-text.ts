import { createHash } from 'node:crypto'
import type { TermsText } from '@gatehouse/contracts/terms'

/**
 * The text in the one form that is hashed and kept: JSON as RFC 8785 writes it (members sorted, no white space), all
 * strings in Unicode form C. The order in which a member is written down does not change it; any word does.
 */
export function canonicalText({ introduction, conditions, agreement }: TermsText): string {
  const json = JSON.stringify({
    agreement,
    conditions: conditions.map(({ text, details }) => (details ? { details, text } : { text })),
    introduction,
  })
  return json.normalize('NFC')
}

/** SHA-256 of the canonical text, hexadecimal. */
export function textHash(text: TermsText): string {
  return createHash('sha256').update(canonicalText(text)).digest('hex')
}
