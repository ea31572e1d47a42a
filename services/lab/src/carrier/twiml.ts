import { DOMParser, type Element, type Node } from '@xmldom/xmldom'

/** A verb of a TwiML document, with its attributes as written. */
export interface Verb {
  name: string
  attributes: Record<string, string>
  /** What stands inside, spaces folded. */
  text: string
  children: Verb[]
}

/** The answer is no TwiML. The message is for the transcript. */
export class TwimlError extends Error {}

/** Twilio takes documents of up to 64 KB. */
export const MAXIMUM_TWIML_BYTES = 65_536

const isElement = (node: Node): node is Element => node.nodeType === 1

function toVerb(element: Element): Verb {
  return {
    name: element.tagName,
    attributes: Object.fromEntries(Array.from(element.attributes, ({ name, value }) => [name, value])),
    text: (element.textContent ?? '').replace(/\s+/g, ' ').trim(),
    children: Array.from(element.childNodes).filter(isElement).map(toVerb),
  }
}

/**
 * Reads a TwiML document.
 *
 * @throws TwimlError unless it is well-formed XML with a `Response` at its root and without a document type
 */
export function parseTwiml(xml: string): Verb[] {
  // A document type brings entities, and with them expansion and files of the machine: it is never parsed at all.
  if (/<!DOCTYPE/i.test(xml)) throw new TwimlError('a document type is not allowed')
  let root: Element | null
  try {
    const parser = new DOMParser({
      onError: (_level, message) => {
        throw new TwimlError(message)
      },
    })
    root = parser.parseFromString(xml, 'text/xml').documentElement
  } catch {
    throw new TwimlError('the document is not well-formed XML')
  }
  if (root?.tagName !== 'Response') throw new TwimlError('the document has no Response')
  return toVerb(root).children
}
